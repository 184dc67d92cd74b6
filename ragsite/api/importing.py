"""The import of people as it is routed: its form is read like an upload of documents."""

from documents.multipart import UploadParser
from hr.api.employees import EmployeeImportView


class EmployeeImportRoute(EmployeeImportView):
    parser_classes = [UploadParser]
