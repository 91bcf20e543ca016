"""The last and expensive part of accepting files from the public: only for a valid form that will be saved."""

from contextlib import contextmanager, nullcontext

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from complaints.portal import limits, pictures
from relations.files import slots, virus_scan


class BudgetExceeded(Exception):
    """The pictures of this IP address have used up its pixels; it may send more after `seconds`."""

    def __init__(self, seconds):
        super().__init__(seconds)
        self.seconds = seconds


@contextmanager
def accept_files(request, files, today):
    """Context manager: checked `files` (pairs of file and content type), scanned for viruses, with pictures redrawn.

    An IP address may submit one form with pictures at a time, so that it takes one place in the queue only. Pixels are
    counted each time before they are decoded, also for a form whose pictures were refused before. Raises
    BudgetExceeded, or ValidationError with sentences for the complainant; nothing is stored then.
    """
    pixels = pictures.total_pixels(files)
    try:
        with one_upload_at_a_time(request, today) if pixels else nullcontext():
            check_budget(request, pixels, today)
            virus_scan.require_clean([file for file, _kind in files])
            with pictures.redrawn_pictures(files) as drawn:
                for file, _kind in drawn:
                    virus_scan.mark_scanned(file)
                yield drawn
    except slots.NoFreeSlot as busy:
        raise ValidationError(
            _("现在很忙，图片还处理不了。请过一两分钟再提交；也可以先不带图片提交，以后凭查询码补传。")
        ) from busy


def one_upload_at_a_time(request, today):
    return slots.slot(limits.work_name(request, today), waits=False)


def check_budget(request, pixels, today):
    if seconds := limits.record_pixels(request, pixels, today=today):
        raise BudgetExceeded(seconds)
