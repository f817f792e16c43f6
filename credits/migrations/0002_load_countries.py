from django.db import migrations

from credits import countries


def load(apps, schema_editor):
    countries.load(apps.get_model("credits", "Country"), apps.get_model("credits", "Tier"))


class Migration(migrations.Migration):
    """The 19 countries of RULES 4.11, as shipped; staff edit them afterwards."""

    dependencies = [("credits", "0001_initial")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
