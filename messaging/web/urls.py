"""The recruiter's pages."""

from django.urls import path

from messaging.web import candidates, dashboard, inbox, live, sending

THREAD = "inbox/<slug:folder>/<uuid:thread>/"

urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("inbox/<slug:folder>/", inbox.folder, name="inbox"),
    path(THREAD, inbox.thread, name="thread"),
    path(f"{THREAD}send/", sending.send, name="send"),
    path(f"{THREAD}read/", inbox.read, name="read"),
    path(f"{THREAD}<uuid:text>/cancel/", sending.cancel, name="cancel"),
    path(f"{THREAD}<uuid:text>/again/", sending.send_again, name="send-again"),
    path(f"{THREAD}<uuid:text>/anyway/", sending.send_anyway, name="send-anyway"),
    path("candidates/", candidates.candidates, name="candidates"),
    path("candidates/new/", candidates.add, name="candidate-new"),
    path("candidates/<uuid:id>/", candidates.candidate, name="candidate"),
    path("candidates/<uuid:id>/text/", candidates.text, name="candidate-text"),
    path("live/", live.stream, name="live"),
]
