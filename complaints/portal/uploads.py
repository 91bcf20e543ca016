"""The last and dear part of taking files in from the public: only for a form that is valid and will be kept."""

from contextlib import contextmanager, nullcontext

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from complaints.portal import limits, pictures
from relations.files import slots, virus_scan


class BudgetExceeded(Exception):
    """This address has had enough pictures decoded; `seconds` from now it may send more."""

    def __init__(self, seconds):
        super().__init__(seconds)
        self.seconds = seconds


@contextmanager
def accept_files(request, files, today):
    """Checked `files` (pairs of file and content type) as they are kept: clean, pictures drawn anew.

    One form with pictures at a time of one address, so that it holds no more than one place of those who wait.
    Pixels are counted each time they are about to be decoded, also of a form whose pictures were refused before.
    Raises Spent, or ValidationError with sentences for the person; nothing is kept then.
    """
    pixels = pictures.total_pixels(files)
    try:
        with one_upload_at_a_time(request, today) if pixels else nullcontext():
            check_budget(request, pixels, today)
            virus_scan.require_clean([file for file, _kind in files])
            with pictures.redrawn(files) as drawn:
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
    if seconds := limits.spend_pixels(request, pixels, today=today):
        raise BudgetExceeded(seconds)
