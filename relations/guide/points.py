"""Guidance shown next to forms and on the guide pages, each point with its clause (R1, R4, R53, R57, R89-R100).

The texts are our own; the clause names the source of the rule.
"""

from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from relations.models import Stage


@dataclass(frozen=True)
class Point:
    """One piece of advice; `text` may be empty when the title is sufficient."""

    title: str
    text: str = ""
    clause: str = ""


@dataclass(frozen=True)
class Topic:
    """One guide page."""

    slug: str
    title: str
    lead: str
    points: list = field(default_factory=list)


MASTER_GUIDE = "公共关系管理指引"
EMPLOYER = "用人单位关系管理指引"

PURPOSE = Topic(
    "purpose",
    _("为什么要管理关系"),
    _("管好和政府、社会、同事之间的关系，让中心的公共关系工作有章可循，也让大家看到一个可信的中心。"),
    [
        Point(_("和政府、社会保持良好的关系"), "", f"{MASTER_GUIDE} 一（一）"),
        Point(_("同事之间说得上话、彼此了解"), "", f"{MASTER_GUIDE} 一（一）"),
        Point(_("公共关系的活动和行为有统一的做法"), "", f"{MASTER_GUIDE} 一（一）"),
        Point(_("树立中心的形象"), "", f"{MASTER_GUIDE} 一（一）"),
    ],
)
GOALS = Topic(
    "goals",
    _("五个管理目标"),
    _("写计划和报告时，可以标出它服务于哪一个目标。"),
    [
        Point(_("信誉和形象"), _("说到做到，让人愿意与中心合作。"), f"{MASTER_GUIDE} 一（二）"),
        Point(_("运作环境"), _("留意外部的变化，推动环境变好。"), f"{MASTER_GUIDE} 一（二）"),
        Point(_("联络和传递"), _("联系公众和媒体，把信息带进来、送出去。"), f"{MASTER_GUIDE} 一（二）"),
        Point(_("决策和协调"), _("给决策提供依据，协调人和人的关系。"), f"{MASTER_GUIDE} 一（二）"),
        Point(_("使命、愿景、价值观"), _("日常的每一步都落到中心的使命上。"), f"{MASTER_GUIDE} 一（二）"),
    ],
)
CHANNELS = Topic(
    "channels",
    _("维护关系的四条途径"),
    _("不同的事走不同的途径；正式的、紧急的和按月的都要留下记录。"),
    [
        Point(
            _("工作汇报（正式）"),
            _(
                "年终由驻点负责人约好时间，向主管单位汇报，带上阶段工作总结，视情况准备PPT，机构管理人员或上级督导陪同；"
                "平时按对方需要不定期汇报。每次汇报后填写沟通记录表存档。目的有四：领导知道进展，得到镇街的帮助和支持，"
                "增进理解，支持驻点社工。"
            ),
            f"{MASTER_GUIDE} 三 一（二）2 1）",
        ),
        Point(
            _("邀请参与服务（非正式）"),
            _("驻点社工不定期邀请对方来当志愿者或观察者，亲眼看到服务。"),
            f"{MASTER_GUIDE} 三 一（二）2 2）",
        ),
        Point(
            _("紧急沟通（紧急时刻）"),
            _(
                "服务中出现突发情况，由机构管理人员、上级督导或驻点负责人主动联系对方，事后必须补填沟通记录表存档。"
            ),
            f"{MASTER_GUIDE} 三 一（二）2 3）",
        ),
        Point(
            _("平时的非正式沟通"),
            _("日常服务里需要报备的事，管理人员或驻点社工都可以发起，沟通记录表按月填写存档。"),
            f"{MASTER_GUIDE} 三 一（二）2 4）",
        ),
    ],
)
INTERVIEW = Topic(
    "interview",
    _("会谈的技巧"),
    _("会谈是有目的的来往：准备好，先听，再说。"),
    [
        Point(_("先介绍自己和中心"), _("一两分钟说清您是谁、中心能做什么。"), f"{EMPLOYER} 二（一）2"),
        Point(_("把话说明白"), _("用对方熟悉的词，说完问一句有没有讲清楚。"), f"{EMPLOYER} 二（一）2"),
        Point(_("认真听"), _("让对方把话说完，记下原话，再复述要点。"), f"{EMPLOYER} 二（一）2"),
        Point(_("听懂想法和反应"), _("弄明白对方怎么想、为什么这样想。"), f"{EMPLOYER} 二（一）2 1）"),
        Point(_("站到对方的位置上"), _("想一想换成自己会在意什么。"), f"{EMPLOYER} 二（一）2 2）"),
        Point(_("留意细小的反应"), _("停顿、犹豫、转开话题，都在告诉您什么。"), f"{EMPLOYER} 二（一）2 3）"),
        Point(_("说出愿意帮忙"), _("明白表示愿意协助或合作，再谈怎么做。"), f"{EMPLOYER} 二（一）2 4）"),
    ],
)
RELATIONSHIP = Topic(
    "relationship",
    _("打好关系的基础"),
    _("第一次接触常常决定对方愿不愿意继续来往。"),
    [
        Point(_("想法和感受说得准"), _("不绕弯，也不替对方下结论。"), f"{EMPLOYER} 二（一）4 1）"),
        Point(_("交换彼此的资料"), _("双方知道对方是做什么的、找谁。"), f"{EMPLOYER} 二（一）4 2）"),
        Point(_("亲切，有关心"), _("记得上次说过的事，问一问近况。"), f"{EMPLOYER} 二（一）4 3）"),
        Point(_("建立信任"), _("答应的事按时回复，做不到就早说。"), f"{EMPLOYER} 二（一）4 4）"),
        Point(_("同感"), _("先理解，再回应。"), f"{EMPLOYER} 二（一）4"),
        Point(_("诚恳"), _("不夸口，不隐瞒中心的限制。"), f"{EMPLOYER} 二（一）4"),
        Point(_("尊重"), _("守时，守约，尊重对方的安排。"), f"{EMPLOYER} 二（一）4"),
        Point(_("积极主动"), _("多走一步，先联系，先准备。"), f"{EMPLOYER} 二（一）4"),
    ],
)
TOPICS = [INTERVIEW, RELATIONSHIP, CHANNELS]
TOPICS_BY_SLUG = {topic.slug: topic for topic in TOPICS}

STAGE_HELP = {
    Stage.CONTACT: [
        Point(_("先弄清三件事"), _("从哪里来的、属于哪一类、大致需要什么。"), f"{MASTER_GUIDE} 二 二1"),
        Point(
            _("第一印象很要紧"),
            _("记下谁在哪天几点接待的；对方愿不愿意继续，往往看这一次。"),
            f"{MASTER_GUIDE} 二 二1",
        ),
    ],
    Stage.ASSESSMENT: [
        Point(
            _("先收集，再判断"),
            _("资料、需求怎么来的、和周围环境怎样互动，写完再下暂时的结论。"),
            f"{MASTER_GUIDE} 二 二2",
        ),
        Point(_("再确认一次需求"), _("对照中心的功能和人手，看能不能处理。"), f"{EMPLOYER} 二（一）3"),
        Point(_("听对方自己怎么看"), _("对方的看法和意愿，跟我们的判断分开写。"), f"{EMPLOYER} 二（一）3"),
        Point(_("谈到有共识"), _("商量出共同的看法，再写下具体的目标。"), f"{EMPLOYER} 二（一）3"),
    ],
    Stage.DECISION: [
        Point(
            _("三条路选一条"),
            _("进入下一阶段、转介、终止关系；理由要对照预估和中心的实际情况。"),
            f"{EMPLOYER} 二（一）5",
        ),
        Point(_("下一阶段要两个条件"), _("双方对需求有共识，对方也愿意。"), f"{EMPLOYER} 二（一）5.3"),
        Point(
            _("终止不是断绝"),
            _("对方仍作为潜在关系维护；中心有责任帮对方找到别的机会，写明做了什么。"),
            f"{EMPLOYER} 二（一）5.1",
        ),
        Point(_("转介要有去处"), _("写明转到哪里，是正式还是非正式。"), f"{EMPLOYER} 二（一）5.2"),
    ],
    Stage.PLAN: [
        Point(
            _("先目标，后行动"),
            _("每个目标至少有一项行动，行动写清谁看得出做没做。"),
            f"{MASTER_GUIDE} 二 二4",
        ),
        Point(_("执行时记到行动上"), _("记一笔时选对应的行动，评估时就有依据。"), f"{MASTER_GUIDE} 二 二5"),
    ],
    Stage.EVALUATION: [
        Point(_("回头看计划"), _("介入计划实现了没有，哪些没有，为什么。"), f"{MASTER_GUIDE} 二 二6"),
        Point(
            _("过程和结果都要反思"),
            _("总结经验，写下怎样把已有的成效保持住。"),
            f"{MASTER_GUIDE} 二 二6",
        ),
        Point(_("四种结束"), _("目标实现、对方不愿继续、客观因素做不到、其他。"), f"{EMPLOYER} 三"),
    ],
    Stage.FOLLOW_UP: [
        Point(
            _("结案后还要回访"),
            _("在约定的时间里定期回访；有新的需求就进入新一轮。"),
            f"{MASTER_GUIDE} 二 二7",
        ),
    ],
}
