"""Today leads from each clock to where it is stopped."""

import datetime as dt

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from django.utils import timezone

from anodyne.store.models import Appointment, Authorisation
from anodyne.store.scope import within
from tests.practice import make_practice
from tests.web.served import signed_in


@pytest.mark.usefixtures("database")
def test_an_authorisation_that_ends_leads_to_its_patient() -> None:
    one = make_practice()
    now = timezone.now()
    with within(one.practice.pk, one.user.pk):
        Authorisation.objects.create(
            patient=one.patient, payer=one.payer, number="AUTH1", codes=["64483"],
            period=DateRange(now.date() - dt.timedelta(30), now.date() + dt.timedelta(12)),
        )  # fmt: skip
        Appointment.objects.create(
            patient=one.patient, provider=one.provider, facility=one.facility, number="V1",
            when=DateTimeTZRange(now + dt.timedelta(4), now + dt.timedelta(4, 1800)),
        )  # fmt: skip
    text = signed_in(one.user).get("/").content.decode()
    assert "AUTH1 for 64483 ends; the next visit is on" in text
    assert f'href="/registry/{one.patient.pk}/"' in text
