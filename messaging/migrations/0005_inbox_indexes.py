import django.db.models.deletion
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("messaging", "0004_recovered_texts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(model_name="conversation", name="messaging_thread_needs_reply"),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("last_direction", "in"), ("state", "open")),
                fields=["customer", "owner", "waiting_since", "id"],
                name="messaging_thread_needs_reply",
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                models.F("owner"),
                models.OrderBy(
                    django.db.models.functions.comparison.Coalesce("last_message_at", "created_at"),
                    descending=True,
                ),
                models.OrderBy(models.F("id"), descending=True),
                name="messaging_thread_mine",
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("owner__isnull", True), ("state", "open")),
                fields=["customer", "-last_message_at", "-id"],
                name="messaging_thread_nobody",
            ),
        ),
        # Now that other indexes begin with them.
        migrations.AlterField(
            model_name="conversation",
            name="customer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="accounts.customer",
            ),
        ),
        migrations.AlterField(
            model_name="conversation",
            name="owner",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
