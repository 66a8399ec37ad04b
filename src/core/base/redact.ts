const gone = '[redacted]';

// A name that ends like this is the name of a secret, whatever stands before it.
const secretName =
	'(?:token|secret|passw(?:or)?d|passwd|passphrase|pwd|api[-_]?key|access[-_]?key|private[-_]?key|client[-_]?key(?:[-_]data)?|client[-_]?certificate[-_]data|authorization|cookie|credentials?|signature)';

/** What a secret looks like, and what stands in its place. */
const rules: readonly (readonly [RegExp, string])[] = [
	[/-----BEGIN [^-]+-----[\s\S]*?(?:-----END [^-]+-----|$)/g, gone],
	// Up to the last @ of the authority: a password may hold one.
	[/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"'<>]*@/gi, `$1${gone}@`],
	[/\b(bearer|basic|digest|negotiate)\s+[^\s"',;]+/gi, `$1 ${gone}`],
	[
		new RegExp(`(["']?[\\w.-]*${secretName}["']?\\s*[:=]\\s*)("(?:[^"\\\\\\n]|\\\\.)*"?|'[^'\\n]*'?|[^\\n]+)`, 'gi'),
		`$1${gone}`,
	],
	[new RegExp(`(--?[\\w-]*${secretName}\\s+)(?!\\[redacted)("[^"\\n]*"?|'[^'\\n]*'?|\\S+)`, 'gi'), `$1${gone}`],
	// Tokens that say what they are: of GitHub, GitLab, OpenAI and the like, Slack, AWS, OpenShift, and JSON Web Tokens.
	[/\b(?:gh[a-z]_|github_pat_|glpat-|sk-|xox[a-z]-|AKIA|ASIA|sha256~|eyJ)[\w.~+/=-]{8,}/g, gone],
	// What is long and mixes cases and digits is no word and no hash of git.
	[/(?<![\w+=-])(?=[\w+=-]*[a-z])(?=[\w+=-]*[A-Z])(?=[\w+=-]*\d)[\w+=-]{32,}/g, gone],
];

/**
 * The text without what looks like a secret: credentials in addresses and headers, values whose name says so, keys and
 * tokens of known form or of a random look; and with `~` for each of these home folders. It takes away rather too much.
 */
export function redact(text: string, homeFolders: readonly string[]): string {
	const safe = rules.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), text);
	return homeFolders
		.filter((folder) => folder.length > 1)
		.toSorted((a, b) => b.length - a.length)
		.reduce((rest, folder) => rest.replaceAll(folder, '~'), safe);
}
