import { HomeportError, isHomeportError } from './base/errors.js';
import { shownText } from './base/text.js';
import { changedFiles } from './git/changedFiles.js';
import { createTreeContents, objectOf, pathsOf, type TreeContents } from './git/contents.js';
import { createObjectReader } from './git/objects.js';
import type { Git } from './git/run.js';
import type { CommitFacts, ContentChange, CutList, HomeRef } from './model/contents.js';
import type { Oid } from './model/observation.js';

interface Options {
	readonly signal?: AbortSignal;
}

/**
 * What home has of commits, its own and those of sessions, for reading: no session, no remote and no working tree is
 * looked at, and nothing is written. Every method fails with `content-missing` where home has not got an object, and with
 * `usage` where an id is none.
 */
export interface Contents extends TreeContents {
	/** The paths of all files of a commit or tree, at most `most` of them. */
	paths(oid: Oid, most: number, options?: Options): Promise<CutList<string>>;
	/** The files that differ between two commits, at most `most` of them; `from` null stands for the empty tree. */
	changes(from: Oid | null, to: Oid, most: number, options?: Options): Promise<CutList<ContentChange>>;
	commit(oid: Oid): Promise<CommitFacts>;
	/** The newest commit that both reach, or null. */
	commonCommit(a: Oid, b: Oid): Promise<Oid | null>;
	/** The branches of home, then what it knows of those of remotes. */
	refs(): Promise<HomeRef[]>;
	/** The commit that is checked out where home was opened, or null before the first. */
	head(): Promise<Oid | null>;
}

const mostCommitBytes = 1024 * 1024;
const separator = '\u0000';

export function createContents(repository: Git): Contents {
	// A partial clone would ask its remote for what it has not got.
	const git = repository.with({ env: { GIT_ALLOW_PROTOCOL: 'none' } });
	const objects = createObjectReader(git);
	const requireTrees = async (...oids: readonly Oid[]): Promise<void> => {
		for (const oid of oids) {
			await objectOf(objects, `${oid}^{tree}`);
		}
	};
	const requireCommit = async (oid: Oid): Promise<void> => {
		const { type, size } = await objectOf(objects, oid);
		if (type !== 'commit') {
			throw new HomeportError('content-missing', { oid, reason: 'it is no commit' });
		}
		if (size > mostCommitBytes) {
			throw new HomeportError('content-too-large', { oid, bytes: size, limit: mostCommitBytes });
		}
	};
	return {
		...createTreeContents(objects),
		paths: async (oid, most, options) => {
			await requireTrees(oid);
			return asMissing(oid, () => pathsOf(git, oid, most, options?.signal));
		},
		changes: async (from, to, most, options) => {
			await requireTrees(...(from === null ? [] : [from]), to);
			return asMissing(to, () => changedFiles(git, from, to, { most, signal: options?.signal }));
		},
		commit: async (oid) => {
			await requireCommit(oid);
			const format = ['%P', '%an', '%aI', '%s'].join('%x00');
			const args = ['log', '-1', '--encoding=UTF-8', '--no-notes', '--no-show-signature', `--format=${format}`, oid];
			const [parents = '', author = '', date = '', subject = ''] = (await git.text(args)).split(separator);
			return {
				oid,
				subject: shownText(subject),
				author: shownText(author, 200),
				date,
				parents: parents.split(' ').filter((parent) => parent !== ''),
			};
		},
		commonCommit: async (a, b) => {
			await requireCommit(a);
			await requireCommit(b);
			const { stdout } = await asMissing(a, () => git.run(['merge-base', a, b], { allow: [1] }));
			return stdout.toString('utf8').split('\n')[0]! || null;
		},
		refs: async () => {
			const format = '--format=%(refname)%00%(objectname)%00%(upstream)%00%(HEAD)%00%(symref)';
			const lines = (await git.text(['for-each-ref', format, 'refs/heads', 'refs/remotes'])).split('\n');
			return lines.flatMap((line) => {
				const [ref = '', oid = '', upstream = '', head = '', symref = ''] = line.split(separator);
				const known = { ref, oid, upstream: upstream === '' ? null : upstream, isHead: head === '*' };
				return ref === '' || symref !== '' ? [] : [known];
			});
		},
		head: async () => {
			const { stdout } = await git.run(['rev-parse', '-q', '--verify', 'HEAD^{commit}'], { allow: [1, 128] });
			return stdout.toString('utf8').trim() || null;
		},
	};
}

// The tips are here by then: what git fails of is something below them that is not.
async function asMissing<T>(oid: Oid, work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		if (isHomeportError(error, 'git-failed')) {
			throw new HomeportError('content-missing', { oid, reason: error.details['stderr'] }, error);
		}
		throw error;
	}
}
