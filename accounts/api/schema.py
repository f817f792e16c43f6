"""The OpenAPI document and the page that shows it, for people who are signed in."""

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.contrib.auth.decorators import login_required
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from accounts.api.authentication import SessionAuthentication
from accounts.api.base import HasViewer
from accounts.api.views import ApiView


class SchemaView(ApiView, SpectacularAPIView):
    """The OpenAPI 3.1 document, for the same callers as the API itself."""

    permission_classes = [HasViewer]


# Swagger UI writes style attributes: looser for styles alone, at this address alone.
@method_decorator(
    [require_safe, login_required, csp_update({"style-src": [SELF, UNSAFE_INLINE]})], "dispatch"
)
class DocsView(SpectacularSwaggerSplitView):
    """Swagger UI from our own static files. Its page holds no data, so signed in is enough."""

    authentication_classes = [SessionAuthentication]
    permission_classes = []
    url_name = "api-schema"
