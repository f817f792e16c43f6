import importlib

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class TextEngageConfig(AppConfig):
    name = "textengage"
    default = True

    def ready(self) -> None:
        """Make our Celery the current one, so that every process publishes to our broker."""
        importlib.import_module("textengage.celery")


class AdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "textengage.admin_site.Site"
