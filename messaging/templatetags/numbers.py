"""Phone numbers in templates of apps that know none: {% load numbers %}."""

from django import template

from messaging.channels import phone

register = template.Library()


@register.filter
def as_number(address: str) -> str:
    """+1 510-555-0101 for +15105550101."""
    return phone.shown(address)
