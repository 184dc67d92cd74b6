"""Paystubs as files: attachments that nothing keeps."""

from django.http import HttpResponse

from hr.pay import PayslipHeading

# A PDF runs no script and loads nothing, even when a browser is talked into showing it in our origin.
_FILE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


def paystub_pdf(*, content: bytes, payslip: PayslipHeading) -> HttpResponse:
    """A download that no cache keeps and no browser opens in our origin."""
    number = f"-correction-{payslip.number - 1}" if payslip.is_correction else ""
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="paystub-{payslip.period_start_date:%Y-%m-%d}{number}.pdf"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": _FILE_POLICY,
            "Cache-Control": "private, no-store",
        },
    )
