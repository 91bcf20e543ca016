from django.urls import include, path

from accounts import account_views, department_views, door_views, me_views, refusal_views, stand_in_views

account_patterns = [
    path("", account_views.AccountList.as_view(), name="list"),
    path("new/", account_views.NewAccount.as_view(), name="new"),
    path("<key:pk>/", account_views.AccountDetail.as_view(), name="edit"),
    path("<key:pk>/history/", account_views.AccountHistory.as_view(), name="history"),
    path("<key:pk>/deactivate/", account_views.Deactivate.as_view(), name="deactivate"),
    path("<key:pk>/reactivate/", account_views.Reactivate.as_view(), name="reactivate"),
    path("<key:pk>/password/", account_views.TemporaryPassword.as_view(), name="password"),
    path("<key:pk>/release/", account_views.Release.as_view(), name="release"),
]

urlpatterns = [
    path("login/", door_views.Login.as_view(), name="login"),
    path("logout/", door_views.Logout.as_view(), name="logout"),
    path("password/", door_views.PasswordChange.as_view(), name="password_change"),
    path("language/", door_views.SetLanguage.as_view(), name="set_language"),
    path("me/", me_views.Me.as_view(), name="me"),
    path("roles/", me_views.Roles.as_view(), name="roles"),
    path("departments/", department_views.DepartmentList.as_view(), name="departments"),
    path("departments/new/", department_views.NewDepartment.as_view(), name="department_new"),
    path("departments/<key:pk>/", department_views.ChangeDepartment.as_view(), name="department_edit"),
    path("stand-ins/", stand_in_views.StandIns.as_view(), name="stand_ins"),
    path("stand-ins/<key:pk>/cancel/", stand_in_views.CancelStandIn.as_view(), name="stand_in_cancel"),
    path("refused/", refusal_views.Refusals.as_view(), name="refused_attempts"),
    path("accounts/", include((account_patterns, "accounts"))),
]
