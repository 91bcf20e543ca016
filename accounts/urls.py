from django.urls import include, path

from accounts.approvals import chain_views
from accounts.approvals import views as sheet_views
from accounts.login import views as door_views
from accounts.passwords import email_views
from accounts.passwords import views as reset_views
from accounts.people import department_views, me_views, stand_in_views
from accounts.people import views as account_views
from accounts.refusals import views as refusal_views
from accounts.supervision import views as supervision_views

account_patterns = [
    path("", account_views.AccountList.as_view(), name="list"),
    path("new/", account_views.NewAccount.as_view(), name="new"),
    path("<key:pk>/", account_views.AccountDetail.as_view(), name="edit"),
    path("<key:pk>/history/", account_views.AccountHistory.as_view(), name="history"),
    path("<key:pk>/deactivate/", account_views.Deactivate.as_view(), name="deactivate"),
    path("<key:pk>/reactivate/", account_views.Reactivate.as_view(), name="reactivate"),
    path("<key:pk>/reset/", account_views.StartReset.as_view(), name="reset"),
    path("<key:pk>/reset/cancel/", account_views.CancelReset.as_view(), name="reset_cancel"),
    path("<key:pk>/sessions/", account_views.EndSessions.as_view(), name="end_sessions"),
    path("<key:pk>/release/", account_views.ResetAttemptsView.as_view(), name="release"),
]

urlpatterns = [
    path("login/", door_views.Login.as_view(), name="login"),
    path("login/notice/", reset_views.LoginNotice.as_view(), name="login_notice"),
    path("activate/", reset_views.Activate.as_view(), name="activate"),
    path("forgotten/", reset_views.ForgottenPasswordView.as_view(), name="password_forgotten"),
    path("slips/", reset_views.PrintSlipsView.as_view(), name="slips"),
    path("slips/<key:pk>/", reset_views.PrintSlip.as_view(), name="slip"),
    path("slips/start/<key:pk>/", reset_views.StartForAdministrator.as_view(), name="slip_start"),
    path("logout/", door_views.Logout.as_view(), name="logout"),
    path("password/", door_views.PasswordChange.as_view(), name="password_change"),
    path("language/", door_views.SetLanguage.as_view(), name="set_language"),
    path("me/", me_views.OwnAccountView.as_view(), name="me"),
    path("me/email/", email_views.ConfirmEmail.as_view(), name="confirm_email"),
    path("roles/", me_views.RolesView.as_view(), name="roles"),
    path("departments/", department_views.DepartmentList.as_view(), name="departments"),
    path("departments/new/", department_views.NewDepartment.as_view(), name="department_new"),
    path("departments/<key:pk>/", department_views.ChangeDepartment.as_view(), name="department_edit"),
    path("stand-ins/", stand_in_views.StandIns.as_view(), name="stand_ins"),
    path("stand-ins/<key:pk>/cancel/", stand_in_views.CancelStandIn.as_view(), name="stand_in_cancel"),
    path("approvals/", sheet_views.Inbox.as_view(), name="approvals"),
    path("rules/approvals/", chain_views.ChainsView.as_view(), name="chains"),
    path("rules/approvals/new/", chain_views.AddChain.as_view(), name="chain_new"),
    path("rules/approvals/<key:pk>/", chain_views.ChangeChain.as_view(), name="chain"),
    path("sheets/", sheet_views.OldSheetList.as_view(), name="sheets"),
    path("supervision/", supervision_views.Supervisions.as_view(), name="supervisions"),
    path("supervision/<key:pk>/", supervision_views.WorkerSupervisionView.as_view(), name="supervision"),
    path("supervision/<key:pk>/end/", supervision_views.EndSupervision.as_view(), name="supervision_end"),
    path("sheets/<key:pk>/", sheet_views.SheetPage.as_view(), name="sheet"),
    path("sheets/<key:pk>/confirm/", sheet_views.Confirm.as_view(), name="sheet_confirm"),
    path("sheets/<key:pk>/refuse/", sheet_views.Refuse.as_view(), name="sheet_refuse"),
    path("sheets/<key:pk>/withdraw/", sheet_views.Withdraw.as_view(), name="sheet_withdraw"),
    path("sheets/<key:pk>/noted/", sheet_views.AcknowledgeView.as_view(), name="sheet_noted"),
    path("refused/", refusal_views.Refusals.as_view(), name="refused_attempts"),
    path("accounts/", include((account_patterns, "accounts"))),
]
