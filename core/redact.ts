/** Keeps secrets out of everything that is kept: each is masked by as many asterisks, so that byte offsets stay true. */

const SECRET_HEADER = /^(authorization|proxy-authorization|cookie|set-cookie)$|(key|token|secret|password)$/i;

/** Whether a header's value is a secret by its name. */
export const isSecretHeader = (name: string): boolean => SECRET_HEADER.test(name);

/** Masks every occurrence of the given secrets in a text. Secrets under six characters are left: they would blot out ordinary words. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const forms = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < 6) continue;
    forms.add(secret);
    // As part of JSON, and of JSON in the fragments of a tool call.
    const quoted = JSON.stringify(secret).slice(1, -1);
    forms.add(quoted);
    forms.add(JSON.stringify(quoted).slice(1, -1));
    forms.add(encodeURIComponent(secret));
    forms.add(Buffer.from(secret).toString('base64'));
  }
  const ordered = [...forms].sort((a, b) => b.length - a.length);
  if (ordered.length === 0) return (text) => text;
  return (text) => ordered.reduce((masked, form) => masked.replaceAll(form, '*'.repeat(Buffer.byteLength(form))), text);
}
