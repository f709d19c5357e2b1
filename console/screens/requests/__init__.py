"""Any action as a form: choose it, fill it in, keep it as a template."""
