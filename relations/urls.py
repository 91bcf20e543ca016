"""Pages of the relationship engine that every kind shares."""

from django.urls import path, re_path

from relations import (
    approval_views,
    cycle_views,
    guide_views,
    meeting_views,
    plan_views,
    stage_views,
    task_views,
)

app_name = "relations"

urlpatterns = [
    path("<int:pk>/", cycle_views.RecordView.as_view(), name="record"),
    path("<int:pk>/plain/", cycle_views.PlainRecordView.as_view(), name="plain_record"),
    path("<int:pk>/process/", cycle_views.ProcessView.as_view(), name="process"),
    path("<int:pk>/begin/", cycle_views.BeginAgainView.as_view(), name="begin_again"),
    path("<int:pk>/meetings/", meeting_views.MeetingsView.as_view(), name="meetings"),
    path("<int:pk>/meetings/new/", meeting_views.PlanMeetingView.as_view(), name="plan_meeting"),
    path("<int:pk>/tasks/", task_views.TasksView.as_view(), name="tasks"),
    path("<int:pk>/tasks/new/", task_views.AddTaskView.as_view(), name="add_task"),
    path("cycles/<int:pk>/", cycle_views.CycleView.as_view(), name="cycle"),
    path("cycles/<int:pk>/move/<slug:name>/", cycle_views.MoveView.as_view(), name="move"),
    path("cycles/<int:pk>/contact/", stage_views.ContactView.as_view(), name="contact"),
    path("cycles/<int:pk>/assessment/", stage_views.AssessmentView.as_view(), name="assessment"),
    path("cycles/<int:pk>/decide/", approval_views.DecideView.as_view(), name="decide"),
    path("cycles/<int:pk>/decisions/", approval_views.DecisionsView.as_view(), name="decisions"),
    path("cycles/<int:pk>/plan/", plan_views.PlanView.as_view(), name="plan"),
    path("cycles/<int:pk>/evaluation/", stage_views.EvaluationView.as_view(), name="evaluation"),
    path("decisions/<int:pk>/", approval_views.DecisionView.as_view(), name="decision"),
    re_path(
        r"^decisions/(?P<pk>\d+)/(?P<answer>approve|return)/$",
        approval_views.AnswerView.as_view(),
        name="answer",
    ),
    path("meetings/<int:pk>/", meeting_views.MeetingView.as_view(), name="meeting"),
    path("meetings/<int:pk>/edit/", meeting_views.EditMeetingView.as_view(), name="edit_meeting"),
    path("meetings/<int:pk>/prepare/", meeting_views.PrepareMeetingView.as_view(), name="prepare_meeting"),
    path("meetings/<int:pk>/sheet/", meeting_views.MeetingSheetView.as_view(), name="meeting_sheet"),
    path("meetings/<int:pk>/record/", meeting_views.RecordMeetingView.as_view(), name="record_meeting"),
    path("tasks/<int:pk>/done/", task_views.FinishTaskView.as_view(), name="finish_task"),
    path("tasks/<int:pk>/reopen/", task_views.ReopenTaskView.as_view(), name="reopen_task"),
    path("tasks/<int:pk>/drop/", task_views.DropTaskView.as_view(), name="drop_task"),
    path("tasks/<int:pk>/date/", task_views.MoveTaskView.as_view(), name="move_task"),
    path("guide/<slug:slug>/", guide_views.GuideView.as_view(), name="guide"),
]
