"""Records of the company's own forms."""

from backend.feature import Feature
from backend.features.checks.service import on_accept
from backend.features.forms.model import FORM
from backend.features.forms.service import on_amend, on_submit

feature = Feature(
    name="forms",
    kinds=(FORM,),
    on={"form.submit": on_submit, "form.accept": on_accept, "form.amend": on_amend},
)
