"""待我审批, without a namespace: the navigation names it."""

from django.urls import path

from relations.approvals.views import ApprovalsView

urlpatterns = [path("approvals/", ApprovalsView.as_view(), name="approvals")]
