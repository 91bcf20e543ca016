"""URL patterns of 我的工作台, 记一笔, 沟通记录 and attachments."""

from django.urls import include, path

from relations.files import views as file_views
from relations.interactions import views as interaction_views
from relations.log import after_views
from relations.log import views as log_views
from relations.timeline import views as timeline_views
from relations.work import views as work_views

interactions = [
    path("", interaction_views.InteractionList.as_view(), name="list"),
    path("export/", interaction_views.ExportInteractions.as_view(), name="export"),
    path("views/keep/", interaction_views.SaveContactView.as_view(), name="keep_view"),
    path("views/<key:pk>/drop/", interaction_views.DeleteContactSavedView.as_view(), name="drop_view"),
    path("<key:pk>/", interaction_views.InteractionDetail.as_view(), name="detail"),
    path("<key:pk>/correct/", interaction_views.CorrectContact.as_view(), name="correct"),
    path("<key:pk>/withdraw/", interaction_views.WithdrawContact.as_view(), name="withdraw"),
    path("<key:pk>/history/", interaction_views.InteractionHistory.as_view(), name="history"),
    path("<key:pk>/files/", file_views.AddFiles.as_view(), name="add_files"),
    path("<key:pk>/undo/", after_views.UndoContact.as_view(), name="undo"),
    path("<key:pk>/remind/", after_views.CreateReminderTask.as_view(), name="remind"),
]

urlpatterns = [
    path("", work_views.MyWork.as_view(), name="my_work"),
    path("log/", log_views.PickStakeholder.as_view(), name="quick_log"),
    path("log/drafts/", log_views.DraftNames.as_view(), name="quick_log_drafts"),
    path("log/<key:pk>/", log_views.QuickLog.as_view(), name="quick_log_for"),
    path("log/<key:pk>/preview/", log_views.Preview.as_view(), name="quick_log_preview"),
    path("log/<key:pk>/check/", after_views.SheetCheck.as_view(), name="sheet_check"),
    path("interactions/", include((interactions, "interactions"))),
    path("timeline/<key:pk>/", timeline_views.TimelinePage.as_view(), name="timeline"),
    path("files/<key:pk>/", file_views.Download.as_view(), name="attachment"),
    path("files/<key:pk>/withdraw/", file_views.WithdrawFile.as_view(), name="attachment_withdraw"),
]
