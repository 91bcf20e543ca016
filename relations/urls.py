"""URL patterns of the pages common to all kinds of relationships."""

from django.urls import path, re_path

from relations.approvals import views as approval_views
from relations.cycle import plan_views, stage_views
from relations.cycle import views as cycle_views
from relations.guide import views as guide_views
from relations.meetings import views as meeting_views
from relations.shares import views as share_views
from relations.work import task_views

app_name = "relations"

urlpatterns = [
    path("<key:pk>/", cycle_views.RecordView.as_view(), name="record"),
    path("<key:pk>/plain/", cycle_views.PlainRecordView.as_view(), name="plain_record"),
    path("<key:pk>/process/", cycle_views.ProcessView.as_view(), name="process"),
    path("<key:pk>/begin/", cycle_views.BeginAgainView.as_view(), name="begin_again"),
    path("<key:pk>/meetings/", meeting_views.MeetingsView.as_view(), name="meetings"),
    path("<key:pk>/meetings/new/", meeting_views.PlanMeetingView.as_view(), name="plan_meeting"),
    path("<key:pk>/tasks/", task_views.TasksView.as_view(), name="tasks"),
    path("<key:pk>/tasks/new/", task_views.AddTaskView.as_view(), name="add_task"),
    path("<key:pk>/access/", share_views.AccessPage.as_view(), name="access"),
    path("<key:pk>/access/give/", share_views.CreateShare.as_view(), name="share"),
    path("shares/<key:pk>/back/", share_views.RevokeShare.as_view(), name="share_back"),
    path("shares/<key:pk>/review/", share_views.ReviewEmergency.as_view(), name="share_review"),
    path("emergency/", share_views.OpenInEmergency.as_view(), name="emergency"),
    path("emergency/reviews/", share_views.EmergencyList.as_view(), name="emergencies"),
    path("cycles/<key:pk>/", cycle_views.CycleView.as_view(), name="cycle"),
    path("cycles/<key:pk>/move/<slug:name>/", cycle_views.MoveView.as_view(), name="move"),
    path("cycles/<key:pk>/contact/", stage_views.ContactView.as_view(), name="contact"),
    path("cycles/<key:pk>/assessment/", stage_views.AssessmentView.as_view(), name="assessment"),
    path("cycles/<key:pk>/decide/", approval_views.DecideView.as_view(), name="decide"),
    path("cycles/<key:pk>/decisions/", approval_views.DecisionsView.as_view(), name="decisions"),
    path("cycles/<key:pk>/plan/", plan_views.PlanView.as_view(), name="plan"),
    path("cycles/<key:pk>/evaluation/", stage_views.EvaluationView.as_view(), name="evaluation"),
    path("decisions/<key:pk>/", approval_views.DecisionView.as_view(), name="decision"),
    re_path(
        r"^decisions/(?P<pk>\d+)/(?P<answer>approve|return)/$",
        approval_views.AnswerView.as_view(),
        name="answer",
    ),
    path("meetings/<key:pk>/", meeting_views.MeetingView.as_view(), name="meeting"),
    path("meetings/<key:pk>/edit/", meeting_views.EditMeetingView.as_view(), name="edit_meeting"),
    path("meetings/<key:pk>/prepare/", meeting_views.PrepareMeetingView.as_view(), name="prepare_meeting"),
    path("meetings/<key:pk>/sheet/", meeting_views.MeetingSheetView.as_view(), name="meeting_sheet"),
    path("meetings/<key:pk>/record/", meeting_views.RecordMeetingView.as_view(), name="record_meeting"),
    path("tasks/<key:pk>/done/", task_views.FinishTaskView.as_view(), name="finish_task"),
    path("tasks/<key:pk>/reopen/", task_views.ReopenTaskView.as_view(), name="reopen_task"),
    path("tasks/<key:pk>/drop/", task_views.DropTaskView.as_view(), name="drop_task"),
    path("tasks/<key:pk>/date/", task_views.MoveTaskView.as_view(), name="move_task"),
    path("guide/<slug:slug>/", guide_views.GuideView.as_view(), name="guide"),
]
