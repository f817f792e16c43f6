import django.db.models.deletion
from django.db import migrations, models

import textengage.lib.clock
from textengage.lib.scoping import CompositeForeignKey


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("messaging", "0002_pace"),
    ]

    operations = [
        migrations.AddField(
            model_name="provideraccount",
            name="paused_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="sender",
            name="pause_reason",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=120
            ),
        ),
        migrations.AddField(
            model_name="sender",
            name="paused_until",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.CreateModel(
            name="CountryPause",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("channel", models.CharField(max_length=20)),
                ("country", models.CharField(max_length=2)),
                ("reason", models.CharField(max_length=120)),
                ("until", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(db_default=textengage.lib.clock.AppNow())),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="country_pauses",
                        to="messaging.provideraccount",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.customer",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("account", "channel", "country"), name="messaging_countrypause_once"
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="receipt",
            index=models.Index(
                condition=models.Q(("applied_at__isnull", True), ("parked", True)),
                fields=["account", "provider_sid"],
                name="messaging_receipt_parked",
            ),
        ),
        CompositeForeignKey("messaging_countrypause", "account_id", "messaging_provideraccount"),
    ]
