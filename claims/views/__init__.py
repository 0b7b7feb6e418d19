"""Pages of the work around a care sheet: the doctor's, the pharmacist's, the office's."""
