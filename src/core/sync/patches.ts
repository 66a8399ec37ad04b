import { type FileHandle, lstat, mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorText, hasCode, HomeportError, throwIfCancelled } from '../base/errors.js';
import { shownText } from '../base/text.js';
import { resolveRef } from '../git/history.js';
import type { WrittenMail } from '../git/mail.js';
import { seriesMails, seriesSteps, type SeriesSteps, type Step } from '../git/series.js';
import { emptyTree } from '../git/worktree.js';
import type { Oid } from '../model/observation.js';
import type { PatchRequest, PatchResult, PatchSeries } from '../model/patches.js';
import type { Session } from '../model/session.js';
import { settleHome, type StepOptions, type SyncContext } from './context.js';
import { besideName, homeBranchName, TakenNames } from './naming.js';
import { type Rescue, rescueSession } from './rescue.js';

/** A branch whose patches are wanted, and the file that they go to. */
interface Wanted extends SeriesSteps {
	readonly branch: string | null;
	readonly tip: Oid | null;
	readonly uncommitted: Oid | null;
	readonly file: string | null;
}

/**
 * Rescues the session, and makes patches of what its branches have and home's HEAD, or the base asked for, has not. They
 * are written to new files, or handed to `take` one by one. Fails with `usage` for a branch or base that is not there and
 * for a file that is, and then has written nothing.
 */
export async function makePatches(
	context: SyncContext,
	session: Session,
	request: PatchRequest,
	take: (text: string) => void,
	options: StepOptions = {},
): Promise<PatchResult> {
	await baseCommit(context, request.base);
	const rescue = await rescueSession(context, session, options);
	await settleHome(context, options);
	const onto = await baseCommit(context, request.base);
	const wanted = await wantedSeries(context, session, rescue, request, onto);
	const series: PatchSeries[] = [];
	const made: string[] = [];
	try {
		for (const one of wanted) {
			const { branch, base, tip, steps, merges, empty, uncommitted, file } = one;
			const mails = request.dryRun ? [] : seriesMails(context.home, steps, options.signal);
			const indented = await deliver(mails, file, take, made, options.signal);
			const commits = steps.length - (uncommitted === null ? 0 : 1);
			series.push({ branch, base, tip, commits, merges, empty, uncommitted, indented, file });
		}
	} catch (error) {
		await Promise.all(made.map((path) => rm(path, { force: true })));
		throw error;
	}
	return {
		session: session.id,
		series,
		nothingUncommitted: request.uncommitted && !wanted.some((one) => one.uncommitted !== null),
		missing: rescue.ledger.entry.missing.length,
	};
}

async function baseCommit(context: SyncContext, base: string | null): Promise<Oid | null> {
	const found = await resolveRef(context.home.git, `${base ?? 'HEAD'}^{commit}`).catch(() => null);
	if (found === null && base !== null) {
		throw new HomeportError('usage', { what: `"${shownText(base)}" names no commit of home` });
	}
	return found;
}

async function wantedSeries(
	context: SyncContext,
	session: Session,
	{ observation, ledger }: Rescue,
	request: PatchRequest,
	onto: Oid | null,
): Promise<Wanted[]> {
	const { git } = context.home;
	const here = (oid: Oid): Oid => ledger.standsFor[oid] ?? oid;
	const { head } = observation;
	const isHead = (branch: string | null): boolean => branch === head.branch;
	const tips: { branch: string | null; tip: Oid | null }[] = observation.branches.map(({ name, oid }) => ({
		branch: name,
		tip: here(oid),
	}));
	const captured = request.uncommitted && observation.capture !== null;
	if ((head.branch === null && head.oid !== null) || (head.oid === null && captured)) {
		tips.push({ branch: head.branch, tip: head.oid === null ? null : here(head.oid) });
	}
	const chosen = tips.filter(({ branch }) =>
		request.from === null ? request.output !== null || isHead(branch) : branch === request.from,
	);
	if (request.from !== null && chosen.length === 0) {
		const known = observation.branches.map(({ name }) => shownText(name)).join(', ') || 'none';
		const what = `The session has no branch "${shownText(request.from)}"`;
		throw new HomeportError('usage', { what, next: `Its branches are: ${known}.` });
	}
	const taken = new TakenNames([], true);
	const wanted: Wanted[] = [];
	for (const { branch, tip } of chosen) {
		const found = tip === null ? noSteps : await seriesSteps(git, tip, onto);
		const capture = captured && isHead(branch) ? here(observation.capture.oid) : null;
		const last = capture === null ? null : await captureStep(context, session, tip, capture);
		const steps = last === null ? found.steps : [...found.steps, last];
		const name = fileName(session, branch, taken);
		const file = request.output === null || steps.length === 0 ? null : join(request.output, name);
		wanted.push({ ...found, steps, branch, tip, uncommitted: last === null ? null : capture, file });
	}
	return wanted;
}

const noSteps: SeriesSteps = { base: null, steps: [], merges: 0, empty: 0 };

// From the commit to the captured files; what is staged and what is not is one patch.
async function captureStep(
	{ home: { git } }: SyncContext,
	session: Session,
	tip: Oid | null,
	capture: Oid,
): Promise<Step | null> {
	const from = tip === null ? await emptyTree(git) : await git.text(['rev-parse', `${tip}^{tree}`]);
	const to = await git.text(['rev-parse', `${capture}^{tree}`]);
	const subject = `Uncommitted work of session ${shownText(session.name, 100)}`;
	return from === to ? null : { commit: capture, from, to, subject };
}

function fileName(session: Session, branch: string | null, taken: TakenNames): string {
	const wanted = homeBranchName('{session}-{branch}', session, branch).replaceAll('/', '-');
	const { name } = besideName(wanted, taken);
	taken.add(name);
	return `${name}.mbox`;
}

/** Writes mails to a new file, or hands them over; returns in how many a message had to be changed. */
async function deliver(
	mails: AsyncIterable<WrittenMail> | readonly WrittenMail[],
	file: string | null,
	take: (text: string) => void,
	made: string[],
	signal: AbortSignal | undefined,
): Promise<number> {
	let indented = 0;
	let handle: FileHandle | null = null;
	try {
		for await (const mail of mails) {
			throwIfCancelled(signal);
			if (file !== null && handle === null) {
				handle = await createFile(file);
				made.push(file);
			}
			indented += mail.indented ? 1 : 0;
			await (handle === null ? take(mail.text) : handle.appendFile(mail.text));
		}
		await handle?.sync();
	} finally {
		await handle?.close();
	}
	return indented;
}

async function createFile(path: string): Promise<FileHandle> {
	try {
		await makeFolder(dirname(path));
		return await open(path, 'wx');
	} catch (error) {
		if (hasCode(error, 'EEXIST') && (await lstat(path).catch(() => null)) !== null) {
			throw new HomeportError('usage', { what: `${path} is there already; no patch was written` }, error);
		}
		throw new HomeportError('state-unwritable', { path, reason: errorText(error) }, error);
	}
}

// With folders above it; Node's own way to make them never ends below some folders of the system.
async function makeFolder(path: string): Promise<void> {
	try {
		await mkdir(path);
	} catch (error) {
		if (hasCode(error, 'EEXIST')) {
			return;
		}
		if (!hasCode(error, 'ENOENT') || dirname(path) === path) {
			throw error;
		}
		await makeFolder(dirname(path));
		await mkdir(path);
	}
}
