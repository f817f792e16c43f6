from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class TextEngageConfig(AppConfig):
    name = "textengage"
    default = True


class AdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "textengage.admin_site.Site"
