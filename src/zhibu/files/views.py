from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from zhibu.core.http import SignedInRequest, mark_as_download
from zhibu.files import actions, owners, storage
from zhibu.files.models import Attachment


def _attachment_for(request: SignedInRequest, pk: int) -> Attachment:
    """The live attachment of a record this user may see, or 404."""
    attachment = get_object_or_404(Attachment.objects.live(), pk=pk)
    seen = owners.get(attachment.owner_type).visible(request.user, [attachment.owner_id])
    if attachment.owner_id not in seen:
        raise Http404
    return attachment


@login_required
@require_safe
def download(request: SignedInRequest, pk: int) -> FileResponse:
    """The file to keep; a browser that shows it anyway may run nothing in it."""
    attachment = _attachment_for(request, pk)
    try:
        content = storage.path_of(attachment.stored_name).open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(content, content_type=attachment.content_type)
    mark_as_download(response, attachment.original_name)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@login_required
@require_POST
def remove(request: SignedInRequest, pk: int) -> HttpResponse:
    attachment = _attachment_for(request, pk)
    actions.remove(attachment, by=request.user, at=timezone.now())
    return redirect(owners.get(attachment.owner_type).address(attachment.owner_id))
