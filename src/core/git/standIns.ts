import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Oid } from '../model/observation.js';
import type { Git } from './run.js';

const mostCommits = 10_000;

/** Those of the commits whose whole history and content the repository has; shallow boundaries do not count as ends. */
async function connectedCommits(git: Git, commits: readonly Oid[]): Promise<Set<Oid>> {
	const connected = new Set<Oid>();
	for (const oid of commits) {
		if (await isConnected(git, oid)) {
			connected.add(oid);
		}
	}
	return connected;
}

async function isConnected(git: Git, oid: Oid): Promise<boolean> {
	const walked = await git.run(['rev-list', '--objects', '--quiet', '--end-of-options', oid], {
		env: { GIT_SHALLOW_FILE: '/dev/null' },
		allow: [1, 128],
	});
	return walked.exitCode === 0;
}

/**
 * For tips in the quarantine whose history is cut off: writes commits that have the same content, author and message,
 * and for parents those that are there, each naming in its message the original that it stands for. Every commit that
 * came in gets one, so that no step of the work is lost. Afterwards the quarantine's pack holds what is whole, and
 * nothing else. Returns the stand-in of each tip that needs one; a tip without any could not be kept.
 */
export async function makeStandIns(git: Git, tips: readonly Oid[]): Promise<Record<Oid, Oid>> {
	const whole = await connectedCommits(git, tips);
	const cutOff = tips.filter((tip) => !whole.has(tip));
	if (cutOff.length === 0) {
		return {};
	}
	const standIns = new Map<Oid, Oid | null>();
	for (const oid of await incomingCommits(git, cutOff)) {
		standIns.set(oid, await makeStandIn(git, oid, standIns));
	}
	const made = cutOff.flatMap((tip) => (standIns.get(tip) ? [[tip, standIns.get(tip)!] as const] : []));
	await keepOnly(git, [...whole, ...made.map(([, standIn]) => standIn)]);
	return Object.fromEntries(made);
}

async function keepOnly(git: Git, commits: readonly Oid[]): Promise<void> {
	const refs = await git.text(['for-each-ref', '--format=delete %(refname)']);
	await git.run(['update-ref', '--stdin'], { input: `${refs}\n` });
	const kept = commits.map((oid, index) => `create refs/kept/${index} ${oid}\n`).join('');
	// From here on no boundary hides what is cut off.
	await rm(join(git.dir, 'shallow'), { force: true });
	await git.run(['update-ref', '--stdin'], { input: kept });
	await git.run(['repack', '-a', '-d', '-l', '-q']);
}

// Parents first. With the boundary in force the walk ends where the session's history does.
async function incomingCommits(git: Git, tips: readonly Oid[]): Promise<Oid[]> {
	const walked = await git.text(
		['rev-list', '--topo-order', '--reverse', `--max-count=${mostCommits}`, '--ignore-missing', '--stdin'],
		{ input: `${tips.join('\n')}\n` },
	);
	return walked.split('\n').filter((oid) => oid !== '');
}

async function makeStandIn(git: Git, oid: Oid, standIns: ReadonlyMap<Oid, Oid | null>): Promise<Oid | null> {
	if (await isConnected(git, oid)) {
		return oid;
	}
	const { stdout } = await git.run(['cat-file', 'commit', oid]);
	const text = stdout.toString('latin1');
	const end = text.indexOf('\n\n');
	const headers = text.slice(0, end).split('\n');
	const tree = headers[0]?.slice('tree '.length) ?? '';
	if (!(await isConnected(git, tree))) {
		return null;
	}
	const parents = headers
		.filter((line) => line.startsWith('parent '))
		.map((line) => standIns.get(line.slice('parent '.length)))
		.filter((parent) => parent !== undefined && parent !== null);
	const people = headers.filter((line) => /^(?:author|committer|encoding) /.test(line));
	const message = `${text.slice(end + 2).replace(/\n*$/, '\n')}\nHomeport-Stands-For: ${oid}\n`;
	const lines = [`tree ${tree}`, ...parents.map((parent) => `parent ${parent}`), ...people, '', message];
	return git.text(['hash-object', '-t', 'commit', '-w', '--stdin'], {
		input: Buffer.from(lines.join('\n'), 'latin1'),
	});
}
