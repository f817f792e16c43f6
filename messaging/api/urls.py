"""Candidates and messages, under /api/v1/."""

from rest_framework.routers import SimpleRouter

from messaging.api.candidates import Candidates
from messaging.api.messages import Messages

router = SimpleRouter(use_regex_path=False)
router.register("candidates", Candidates, basename="api-candidates")
router.register("messages", Messages, basename="api-messages")

urlpatterns = router.urls
