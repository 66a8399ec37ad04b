import { basename, dirname, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { HomeportError } from '../../core/base/errors.js';
import { describeError } from '../../core/base/messages.js';
import { shellWord, shownText } from '../../core/base/text.js';
import type { HomeportOptions } from '../../core/homeport.js';
import type { OpenHome } from '../call.js';
import { ofSession } from '../select.js';
import { readLine } from './readLine.js';

/** What a remote helper of git's is run with. */
export interface RemoteFace {
	/** What git says, and what it hears. */
	readonly input: Readable;
	readonly output: Writable;
	/** Writes to stderr, which is the user's. */
	err(text: string): void;
	readonly env: NodeJS.ProcessEnv;
	readonly cwd: string;
	readonly openHome: OpenHome;
	/** Raised by an interruption. */
	readonly signal: AbortSignal;
}

/**
 * Serves one git over `homeport::SESSION` (gitremote-helpers(7)): `argv` is the name of the remote and what follows the
 * `::`. Only fetching is served. Returns the exit code; never fails.
 */
export async function runRemote(argv: readonly string[], face: RemoteFace): Promise<0 | 1> {
	try {
		await converse(argv[1] ?? argv[0] ?? '', face);
		return 0;
	} catch (error) {
		const { message, next } = describeError(error, 'cli');
		face.err(`homeport: ${message}\n${next === null ? '' : `${next}\n`}`);
		return 1;
	}
}

async function converse(name: string, face: RemoteFace): Promise<void> {
	if (name === '') {
		const next = '`git fetch homeport::SESSION` runs it, and so does a remote of that address.';
		throw new HomeportError('usage', { what: 'This program is run by git, with the name of a session', next });
	}
	for (;;) {
		const line = await readLine(face.input);
		switch (line) {
			case null:
			case '':
				return;
			case 'capabilities':
				face.output.write('connect\n\n');
				break;
			case 'connect git-upload-pack':
				return serve(name, face);
			case 'connect git-receive-pack':
				throw new HomeportError('usage', {
					what: 'A session takes no push of git alone, which would not look at what the agent has there',
					next: `Use \`homeport push ${shellWord(name)}\`.`,
				});
			default:
				throw new HomeportError('usage', {
					what: `A session can be fetched from, and git asked for "${shownText(line, 100)}"`,
					next: 'Use `git fetch`.',
				});
		}
	}
}

async function serve(name: string, face: RemoteFace): Promise<void> {
	const { input, output, signal } = face;
	const home = await face.openHome({
		repo: homeFolder(face),
		env: face.env,
		clusters: clusterOf(name),
		logger: {
			log: (level, message) => {
				if (level === 'warn' || level === 'error') {
					face.err(`homeport: ${shownText(message, 2000)}\n`);
				}
			},
		},
	});
	try {
		const session = await home.find(name, { signal });
		// From here on it is the session that speaks to git.
		output.write('\n');
		await home.serve(session, { input, output }, { signal }).catch((error: unknown) => {
			throw ofSession(error, session.id);
		});
	} finally {
		home.dispose();
	}
}

// git tells its own folder, which is the only way to know home where `--git-dir` was given.
function homeFolder({ env, cwd }: RemoteFace): string {
	const gitDir = resolve(cwd, env['GIT_DIR'] || '.');
	return basename(gitDir) === '.git' ? dirname(gitDir) : cwd;
}

/** The cluster that a whole name of a session says; the user's current one where it says none. */
function clusterOf(name: string): NonNullable<HomeportOptions['clusters']> {
	const [, context, namespace] = /^kubernetes\/(.+)\/([^/]+)\/[^/]+$/.exec(name) ?? [];
	const named = (text: string | undefined): string[] => (text === undefined ? [] : [text]);
	return { kubeconfig: null, contexts: named(context), namespaces: named(namespace), allContexts: false };
}
