import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { Homeport } from '../../core/homeport.js';
import type { Oid } from '../../core/model/observation.js';
import type { LedgerEntry } from '../../core/model/report.js';
import type { Session } from '../../core/model/session.js';
import { pickSession } from '../pickers/sessionPicker.js';
import { shortRef } from '../tree/words.js';
import { openedHome } from './chooseHome.js';
import { chosenSession } from './chosenSessions.js';
import { compare } from './contents.js';
import type { CommandContext } from './context.js';
import type { CommandId, CommandInput } from './registry.js';

type Side = { readonly oid: Oid; readonly name: string } | 'session' | 'branch';

/** Compares what is home of a session, or of one of its branches, with home, its origin, a branch or another session. */
export async function compareSession(context: CommandContext, input: CommandInput): Promise<void> {
	const { ports } = context;
	const view = await chosenSession(context, input, vscode.l10n.t('Session to compare'));
	const homeport = view === null ? null : await openedHome(context);
	if (view === null || homeport === null) {
		return;
	}
	const { session } = view;
	const entry = await newestEntry(context, homeport, session);
	const tip = entry === null ? null : tipOf(entry, branchOfLine(session, input.nodeId));
	if (tip === null) {
		return;
	}
	const picked = await ports.prompter.pick(
		vscode.l10n.t('Compare {0} with', named(session, tip.name)),
		await sides(homeport, tip.oid),
	);
	const against = picked === null ? null : await resolve(context, homeport, session, picked);
	if (against !== null) {
		const title = vscode.l10n.t('{0} against {1}', named(session, tip.name), against.name);
		await compare(context, homeport, title, against.oid, tip.oid);
	}
}

/** Shows what a session had not committed when it was last brought to safety. */
export async function showCaptured(context: CommandContext, input: CommandInput): Promise<void> {
	const view = await chosenSession(context, input, vscode.l10n.t('Session whose uncommitted files to show'));
	const homeport = view === null ? null : await openedHome(context);
	const entry = view === null || homeport === null ? null : await newestEntry(context, homeport, view.session);
	if (view === null || homeport === null || entry === null) {
		return;
	}
	const name = shownText(view.session.name, 100);
	if (entry.capture === null) {
		const message = vscode.l10n.t('{0} had nothing uncommitted when it was last brought to safety.', name);
		await context.ports.prompter.notify({ level: 'info', message, actions: [] });
		return;
	}
	const title = vscode.l10n.t('Uncommitted in {0}', name);
	await compare(context, homeport, title, entry.head.oid, entry.capture.oid);
}

/** The newest entry of a session's ledger; null where there is none, which the user is told with a way to mend it. */
async function newestEntry(
	{ ports }: CommandContext,
	homeport: Homeport,
	session: Session,
): Promise<LedgerEntry | null> {
	const [entry] = await homeport.ledger(session.id, 1);
	if (entry !== undefined) {
		return entry;
	}
	const keep = vscode.l10n.t('Keep Its Work');
	const message = vscode.l10n.t(
		'Nothing of {0} is home yet, so there is nothing to compare.',
		shownText(session.name, 100),
	);
	if ((await ports.prompter.notify({ level: 'info', message, actions: [keep] })) === keep) {
		await vscode.commands.executeCommand('homeport.rescue' satisfies CommandId, `session:${session.id}`);
	}
	return null;
}

function branchOfLine({ id }: Session, nodeId: string | null): string | null {
	const start = `branch:${id}:`;
	return nodeId?.startsWith(start) === true ? nodeId.slice(start.length) : null;
}

function tipOf(entry: LedgerEntry, branch: string | null): { readonly oid: Oid; readonly name: string | null } | null {
	const tip = entry.branches.find(({ name }) => name === branch);
	if (tip !== undefined) {
		return { oid: tip.oid, name: tip.name };
	}
	return entry.head.oid === null ? null : { oid: entry.head.oid, name: entry.head.branch };
}

function named({ name }: Session, branch: string | null): string {
	return branch === null ? shownText(name, 100) : `${shownText(name, 100)} (${shownText(branch, 100)})`;
}

async function sides({ contents }: Homeport, tip: Oid): Promise<{ label: string; description: string; value: Side }[]> {
	const [head, refs] = await Promise.all([contents.head(), contents.refs()]);
	const here = refs.find(({ isHead }) => isHead);
	const hereName = here === undefined ? 'HEAD' : shortRef(here.ref);
	const base = head === null ? null : await contents.commonCommit(head, tip);
	const upstream = refs.find(({ ref }) => ref === here?.upstream);
	return [
		...(base === null
			? []
			: [
					{
						label: vscode.l10n.t('Where It Left {0}', hereName),
						description: vscode.l10n.t('what the session has done since {0}', base.slice(0, 8)),
						value: { oid: base, name: base.slice(0, 8) },
					},
				]),
		...(head === null
			? []
			: [{ label: vscode.l10n.t('Home'), description: hereName, value: { oid: head, name: hereName } }]),
		...(upstream === undefined
			? []
			: [
					{
						label: vscode.l10n.t('The Origin'),
						description: shortRef(upstream.ref),
						value: { oid: upstream.oid, name: shortRef(upstream.ref) },
					},
				]),
		{ label: vscode.l10n.t('Another Session…'), description: '', value: 'session' as const },
		{ label: vscode.l10n.t('A Branch…'), description: '', value: 'branch' as const },
	];
}

async function resolve(
	context: CommandContext,
	homeport: Homeport,
	session: Session,
	side: Side,
): Promise<{ readonly oid: Oid; readonly name: string } | null> {
	const { model, ports } = context;
	if (typeof side === 'object') {
		return side;
	}
	if (side === 'branch') {
		const choices = (await homeport.contents.refs()).map(({ ref, oid }) => ({
			label: shortRef(ref),
			description: oid.slice(0, 8),
			value: { oid, name: shortRef(ref) },
		}));
		return ports.prompter.pick(vscode.l10n.t('Branch to compare with'), choices);
	}
	const others = model.snapshot.sessions.filter((view) => view.session.id !== session.id);
	const other = await pickSession(ports.prompter, vscode.l10n.t('Session to compare with'), others);
	const entry = other === null ? null : await newestEntry(context, homeport, other.session);
	const tip = entry === null ? null : tipOf(entry, null);
	return other === null || tip === null ? null : { oid: tip.oid, name: named(other.session, tip.name) };
}
