/** The key formats that can be told by their looks alone. */

export type SecretFormat = {
  kind: string
  pattern: RegExp
  /** A look at the secret, where the pattern alone would hit ordinary text. */
  accepts?: (secret: string) => boolean
}

/** A key starts where a word starts, or behind the `\n` of a quoted text. Minimum lengths are low: a key may come in cut short. */
function key(kind: string, body: string, accepts?: (secret: string) => boolean): SecretFormat {
  return { kind, pattern: new RegExp(`(?:(?<![A-Za-z0-9])|(?<=\\\\[nrt]))(?:${body})`, 'g'), accepts }
}

const digitInside = (secret: string): boolean => /\d/.test(secret)
/** What documents, templates and redacted texts have in the place of a secret. */
export function isStandIn(text: string): boolean {
  return /^(?:[[$%<{(*]|\.{3}|(?:x{4,}|your|my|some|the|changeme|placeholder|dummy|masked|none|null|nil|true|false|undefined|todo|string|process|os|env|config|self|this|args|options)(?![a-z]))|^(.)\1*$|redacted|example|placeholder/i.test(text)
}

/** From the most telling to the least. The formats are those the issuers publish. */
export const secretFormats: readonly SecretFormat[] = [
  {
    kind: 'private key',
    // A body is needed: the mere mention of the line is no secret. A key that was cut off before its end still is one.
    pattern: /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:[\s\\|>"',]*(?:[A-Za-z][A-Za-z-]{2,20}: [^\n\\]{0,200}|[A-Za-z0-9+/=]{16,}))+(?:(?:[\s\\|>"',]*[A-Za-z0-9+/=]{1,15})?[\s\\|>"',n]*-----END [A-Z0-9 ]{0,40}-----)?/g,
  },
  key('github token', 'gh[pousr]_[A-Za-z0-9_]{16,}(?:\\.[\\w-]{10,})*|github_pat_\\w{20,}'),
  key('gitlab token', '(?:gl(?:pat|oas|dt|rt|rtr|cbt|ptt|ft|imt|agent|soat|ffct|wt)-|GR1348941)[\\w-]{16,}(?:\\.[\\w-]+)*'),
  key('anthropic key', 'sk-ant-[\\w-]{16,}'),
  key('openai key', 'sk-(?:proj|svcacct|admin|None)-[\\w-]{16,}'),
  key('openrouter key', 'sk-or-v1-[a-f0-9]{20,}'),
  key('stripe key', '[sr]k_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/=]{20,}'),
  key('openai key', 'sk-[A-Za-z0-9]{20,}', digitInside),
  key('aws key', '(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z2-7]{16}(?![A-Za-z0-9])'),
  key('google key', 'AIza[\\w-]{30,}|GOCSPX-[\\w-]{20,}|ya29\\.[\\w-]{20,}|1//0[\\w-]{30,}'),
  key('slack token', 'xox[abceoprs](?:\\.xox[bp])?-[A-Za-z0-9-]{10,}|xapp-\\d-[A-Za-z0-9-]{10,}'),
  key('slack webhook', 'https://hooks\\.slack\\.com/(?:services|workflows|triggers)/[\\w/+-]{20,}'),
  key('discord webhook', 'https://(?:\\w+\\.)?discord(?:app)?\\.com/api/webhooks/\\d+/[\\w-]{20,}'),
  key('discord token', '[MNO][A-Za-z0-9_-]{23,27}\\.[\\w-]{6}\\.[\\w-]{27,}'),
  key('telegram token', '\\d{8,10}:AA[\\w-]{30,}'),
  key('npm token', 'npm_[A-Za-z0-9]{30,}'),
  key('pypi token', 'pypi-AgE[\\w-]{30,}'),
  key('huggingface token', '(?:hf|api_org)_[A-Za-z0-9]{30,}'),
  key('sendgrid key', 'SG\\.[\\w-]{16,}\\.[\\w-]{16,}'),
  key('jwt', 'eyJ[\\w-]{10,}\\.eyJ[\\w-]{10,}(?:\\.[\\w-]*)?|eyJ[\\w-]{10,}(?:\\.[\\w-]*){2,4}\\.[\\w-]{10,}'),
  { kind: 'azure key', pattern: /(?:(?<![\w~.-])|(?<=\\[nrt]))[\w~.-]{3}\dQ~[\w~.-]{31,34}/g },
  { kind: 'azure key', pattern: /(?<=\b(?:AccountKey|SharedAccessKey|sig)=)[A-Za-z0-9+/%]{40,}={0,2}/g },
  key('digitalocean token', 'do[opr]_v1_[a-f0-9]{32,}'),
  key('shopify token', 'shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}'),
  key('square token', 'sq0(?:atp|csp|idp)-[\\w-]{20,}'),
  key('twilio key', 'SK[0-9a-f]{32}(?![A-Za-z0-9])'),
  key('mailgun key', 'key-[0-9a-f]{32}(?![A-Za-z0-9])'),
  key('databricks token', 'dapi[a-f0-9]{32}'),
  key('docker token', 'dckr_(?:pat|oat)_[\\w-]{20,}'),
  key('vault token', 'hv[sbr]\\.[\\w-]{20,}'),
  key('atlassian token', 'AT(?:ATT|CTT|BB)[A-Za-z0-9+/=_-]{20,}'),
  key('notion token', '(?:ntn|secret)_[A-Za-z0-9]{40,}'),
  key('linear key', 'lin_(?:api|oauth)_[A-Za-z0-9]{20,}'),
  key('figma token', 'fig[dou]r?_[\\w-]{20,}'),
  key('grafana token', 'gl(?:sa|c)_[\\w+/=-]{20,}'),
  key('groq key', 'gsk_[A-Za-z0-9]{30,}'),
  key('xai key', 'xai-[A-Za-z0-9]{30,}'),
  key('perplexity key', 'pplx-[A-Za-z0-9]{30,}'),
  key('replicate token', 'r8_[A-Za-z0-9]{30,}'),
  key('langsmith key', 'lsv2_(?:pt|sk)_[a-f0-9_]{30,}'),
  key('supabase key', 'sbp_[a-f0-9]{40}|sb_secret_[\\w-]{20,}'),
  key('vercel token', 'vc[paikr]_[A-Za-z0-9]{20,}'),
  key('netlify token', 'nf[pcou]_[A-Za-z0-9]{30,}'),
  key('fly token', 'fm\\d_[A-Za-z0-9+/=_,-]{40,}'),
  key('postman key', 'PMAK-[a-f0-9]{24}-[a-f0-9]{34}'),
  key('new relic key', 'NRAK-[A-Z0-9]{27}'),
  key('sentry token', 'sntry[su]_[\\w+/=-]{30,}'),
  key('airtable token', 'pat[A-Za-z0-9]{14}\\.[a-f0-9]{64}'),
  key('planetscale token', 'pscale_(?:tkn|pw|oauth)_[\\w.-]{30,}'),
  key('pulumi token', 'pul-[a-f0-9]{40}'),
  key('doppler token', 'dp\\.(?:pt|st|ct|sa|scim|audit)\\.[\\w.-]{30,}'),
  key('tailscale key', 'tskey-[a-z]+-[\\w-]{20,}'),
  key('rubygems key', 'rubygems_[a-f0-9]{48}'),
  key('crates.io token', 'cio[A-Za-z0-9]{32}(?![A-Za-z0-9])', digitInside),
  key('1password token', 'ops_eyJ[A-Za-z0-9_-]{40,}'),
  key('age key', 'AGE-SECRET-KEY-1[A-Z0-9]{40,}'),
]
