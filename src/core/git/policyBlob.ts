// Scripts that npm, pnpm and yarn run while installing (npm-scripts(7), "Life Cycle Operation Order").
const lifecycle = new Set([
	'preinstall',
	'install',
	'postinstall',
	'preprepare',
	'prepare',
	'postprepare',
	'prepublish',
	'dependencies',
	'pnpm:devPreinstall',
]);

// Drivers that git has built in (gitattributes(5)); naming one of them runs nothing.
const builtInDiff = new Set(
	(
		'ada bash bibtex cpp csharp css dts elixir fortran fountain golang html ini java javascript kotlin markdown matlab ' +
		'objc pascal perl php python r ruby rust scheme tex'
	).split(' '),
);
const builtInMerge = new Set(['text', 'binary', 'union']);

/** The scripts of a `package.json` that an install would run, as `name: command`; `[]` where there are none. */
export function installScripts(bytes: Buffer): string[] {
	const text = bytes.toString('utf8').replace(/^\ufeff/, '');
	let scripts: unknown;
	try {
		scripts = (JSON.parse(text) as { scripts?: unknown } | null)?.scripts;
	} catch {
		// npm refuses such a file, other tools take JSON with comments; so look at the words alone.
		return [...text.matchAll(/"([\w:]+)"\s*:\s*"/g)]
			.map((match) => match[1]!)
			.filter((name) => lifecycle.has(name))
			.map((name) => `${name}: (the file is not JSON)`);
	}
	if (typeof scripts !== 'object' || scripts === null) {
		return [];
	}
	return Object.entries(scripts)
		.filter(([name, command]) => lifecycle.has(name) && typeof command === 'string' && command !== '')
		.map(([name, command]) => `${name}: ${command}`);
}

/** The drivers that a `.gitattributes` names and that are not built into git, as `filter=lfs`; each once. */
export function attributeDrivers(bytes: Buffer): string[] {
	const drivers = new Set<string>();
	for (const line of bytes.toString('utf8').split('\n')) {
		if (line.trimStart().startsWith('#')) {
			continue;
		}
		for (const [, kind, value] of line.matchAll(/[ \t](filter|diff|merge)=([^ \t\r]+)/g)) {
			const builtIn = kind === 'diff' ? builtInDiff : kind === 'merge' ? builtInMerge : null;
			if (builtIn?.has(value!) !== true) {
				drivers.add(`${kind}=${value}`);
			}
		}
	}
	return [...drivers];
}
