"""How people come in: what a session knows of it, second factors, confirming again, a company's own provider.

Works on logins (`auth.User`) and not on employees, because operators of the platform come in the same way. The rows are
allauth's (`allauth.mfa.models.Authenticator`); pages, limits and audit rows are ours (docs/adr/0018).
"""
