/**
 * What every answer says to browsers: nothing from elsewhere, nothing inline, in nobody's frame, and kept by no cache. A form's `Origin` would
 * be missing under `no-referrer`, so that links elsewhere are told where somebody came from by nothing but this address's origin.
 */
export const securityHeaders = (secure: boolean): Record<string, string> => ({
  "content-security-policy":
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  ...(secure ? { "strict-transport-security": "max-age=31536000" } : {}),
});

export const notKept = { "cache-control": "no-store" };
/** Its address has a digest of it. */
export const keptForEver = { "cache-control": "public, max-age=31536000, immutable" };
