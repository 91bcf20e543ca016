"""Texts of the forms of the steps: labels, hints, consequences, and openings in plain language (R159-R162)."""

from django.utils.translation import gettext_lazy as _

LABELS = {
    "text": _("内容"),
    "words": _("说明"),
    "on": _("日期"),
    "due_on": _("时限"),
    "form_of_reply": _("方式"),
    "clock": _("哪一个期限"),
    "finding": _("是否属实"),
    "kind": _("种类"),
    "subject": _("反映的方面"),
    "is_personnel": _("人事投诉"),
    "is_strict": _("严格保密"),
    "user": _("同事"),
    "users": _("同事"),
    "files": _("附件"),
}
REASON = _("原因")
STEP_LABELS = {
    ("appoint", "user"): _("跟进人"),
    ("appoint", "text"): _("交代的话"),
    ("tell", "text"): _("告诉了对方什么"),
    ("tell", "on"): _("哪天告知的"),
    ("tell", "due_on"): _("初步回复的时限"),
    ("note", "text"): _("查到的情况"),
    ("ask", "text"): _("想问的话"),
    ("reply", "text"): _("回复内容"),
    ("reply", "on"): _("哪天回复的"),
    ("reply", "files"): _("回复的凭证"),
    ("satisfied", "on"): _("哪天说的"),
    ("satisfied", "text"): _("对方的话"),
    ("unsatisfied", "on"): _("哪天说的"),
    ("unsatisfied", "text"): _("哪里不满意"),
    ("no_word", "text"): _("怎么问过对方"),
    ("follow_up", "text"): _("下一步做什么"),
    ("follow_up", "due_on"): _("哪天以前做"),
    ("plan", "on"): _("哪天说明的"),
    ("plan", "text"): _("打算怎么办"),
    ("plan", "due_on"): _("答应哪天答复结果"),
    ("plan", "words"): _("比期限晚的原因"),
    ("reopen", "text"): _("为什么重新处理，下一步做什么"),
    ("reopen", "due_on"): _("哪天以前做"),
    ("pass_on", "on"): _("哪天转交的"),
    ("pass_on", "words"): _("转给哪个机关"),
    ("pass_on", "text"): _("转交了什么"),
    ("answer", "on"): _("哪天答复的"),
    ("answer", "text"): _("答复内容"),
    ("answer", "files"): _("答复的凭证"),
    ("sign", "text"): _("负责人意见"),
    ("extend", "due_on"): _("新的日期"),
    ("mark", "words"): _("不得告知的其他人"),
    ("mark", "users"): _("不得告知的同事"),
    ("accuse", "users"): _("被投诉的人"),
    ("list", "text"): _("为什么需要知道"),
    ("list", "user"): _("知情人"),
    ("pass_headship", "user"): _("新的负责人"),
    ("file", "text"): _("说明"),
}
REASONED = ("reclass", "extend", "pause", "mark", "pass_headship", "void")
HINTS = {
    ("reply", "text"): _("用大白话，不用简称；先说清楚事情，再说打算怎么办、什么时候办好。"),
    ("answer", "text"): _("用大白话，不用简称；说清楚做了什么、结果怎样。"),
    ("plan", "text"): _("用大白话，不用简称；对方会看到这段话。"),
    ("tell", "text"): _("态度要虚心有礼，即使对方着急。"),
    ("ask", "text"): _("对方用查询码可以看到，也可以在那里回答。"),
    ("reopen", "text"): _("对方用查询码可以看到这段话。"),
    ("pass_on", "text"): _("对方用查询码可以看到这段话。"),
    ("mark", "words"): _("没有账号的人写在这里，例如：驻点单位。"),
    ("mark", "users"): _("选中的同事马上看不到这一件。电脑上按住Ctrl可以选几位。"),
    ("accuse", "users"): _("被投诉的人不能负责、跟进或查看。电脑上按住Ctrl可以选几位。"),
    ("reclass", "is_personnel"): _("匿名的人事投诉只登记，不予处理。"),
    ("list", "user"): _("只能看，不能办理。"),
}
CONSEQUENCES = {
    "appoint": _("保存后：跟进人马上收到通知，能看到这一件。"),
    "tell": _("保存后：记下已告知。对方用查询码可以看到。"),
    "note": _("保存后：记入办理经过，对方看不到。"),
    "ask": _("保存后：对方用查询码可以看到。"),
    "reply": _("保存后：初步回应停止计时，状态变为“已回复，待确认是否满意”。"),
    "satisfied": _("保存后：等负责人签署意见。"),
    "unsatisfied": _("保存后：由负责人说明打算和答复时限。"),
    "no_word": _("保存后：等负责人签署意见。"),
    "follow_up": _("保存后：继续办理，这一件不会办结。"),
    "plan": _("保存后：按答应的日期答复结果。"),
    "pass_on": _("转交以后不能收回。结果仍要答复给反映人。"),
    "answer": _("保存后：处理结果停止计时，状态变为“已答复结果，待确认是否满意”。"),
    "sign": _("保存后：签上您的姓名和今天的日期。"),
    "close": _("办结以后不能再补记，两个期限都不再计时。要继续办，得由负责人写明原因重新处理。"),
    "reopen": _("保存后：回到“调查中”，可以继续办理。"),
    "reclass": _("保存后：原来的分类留在办理经过里。"),
    "extend": _("保存后：按新的日期计时，原来的日期留在办理经过里。"),
    "pause": _("保存后：两个期限停下，恢复以后把停下的工作日补上。"),
    "resume": _("恢复以后，停下的工作日加到两个期限上。"),
    "accuse": _("保存后：他们马上看不到这一件；其中有负责人的，自动换人。"),
    "mark": _("保存后马上起作用。"),
    "list": _("保存后：这位同事能看到这一件。"),
    "delist": _("移出以后马上看不到这一件。"),
    "pass_headship": _("保存后：由新的负责人办理，您就看不到这一件了。"),
    "file": _("保存后：附件记入办理经过，不能删除。"),
    "void": _("标了以后不再办理，也不能改回来。登记的内容都保留。"),
}
IRREVERSIBLE = {"close": _("先不办结"), "void": _("先不标"), "pass_on": _("先不转交")}
SAVE = {
    "reply": _("记下这次回复"),
    "answer": _("记下这次答复"),
    "plan": _("记下打算"),
    "tell": _("记下告知"),
    "note": _("记下调查"),
    "ask": _("发出询问"),
    "follow_up": _("继续跟进"),
    "sign": _("签署意见"),
    "file": _("保存附件"),
}
OPENINGS = (
    _("您好。您反映的事我们查过了，情况是这样的："),
    _("您好。这件事是我们做得不好，向您道歉。从现在起，我们会这样做："),
    _("您好。谢谢您告诉我们。您提的建议我们这样安排："),
    _("您好。这件事还要再查几天，最晚在几月几日告诉您结果。"),
    _("您好。您反映的事归另一个部门管，我们已经转过去，有了结果会告诉您。"),
)
OPENED = ("reply", "plan", "answer")  # steps whose form offers OPENINGS


def field_label(step, name):
    """The label of the field `name` in the form of `step`."""
    if name == "text" and step in REASONED:
        return REASON
    return STEP_LABELS.get((step, name), LABELS[name])


def save_label(step):
    """The label of the submit button of `step`."""
    return SAVE.get(step.name, step.label)
