import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { Homeport } from '../../core/homeport.js';
import type { Oid } from '../../core/model/observation.js';
import type { Session } from '../../core/model/session.js';
import { pickSession } from '../pickers/sessionPicker.js';
import { branchNodeId, sessionNodeId } from '../tree/treeNode.js';
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
	const tip = await keptTip(context, homeport, session, branchOfLine(session, input.nodeId));
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
	if (view === null || homeport === null) {
		return;
	}
	const [entry] = await homeport.ledger(view.session.id, 1);
	if (entry === undefined || entry.capture === null) {
		await offerToKeep(
			context,
			view.session,
			vscode.l10n.t('Nothing uncommitted of {0} is kept.', nameOf(view.session)),
		);
		return;
	}
	const title = vscode.l10n.t('Uncommitted in {0}', nameOf(view.session));
	await compare(context, homeport, title, entry.head.oid, entry.capture.oid);
}

interface NamedTip {
	readonly oid: Oid;
	readonly name: string | null;
}

/**
 * What is kept of a session's branch, or of what it has checked out where `branch` is null. Null where nothing is, which the
 * user is told with a way to mend it.
 */
async function keptTip(
	context: CommandContext,
	homeport: Homeport,
	session: Session,
	branch: string | null,
): Promise<NamedTip | null> {
	const [entry] = await homeport.ledger(session.id, 1);
	const head = entry === undefined || entry.head.oid === null ? null : { oid: entry.head.oid, name: entry.head.branch };
	const tip = branch === null ? head : (entry?.branches.find(({ name }) => name === branch) ?? null);
	if (tip === null) {
		const message = vscode.l10n.t(
			'Nothing of {0} is home yet, so there is nothing to compare.',
			named(session, branch),
		);
		await offerToKeep(context, session, message);
	}
	return tip;
}

async function offerToKeep({ ports }: CommandContext, session: Session, message: string): Promise<void> {
	const keep = vscode.l10n.t('Keep Its Work');
	if ((await ports.prompter.notify({ level: 'info', message, actions: [keep] })) === keep) {
		await vscode.commands.executeCommand('homeport.rescue' satisfies CommandId, sessionNodeId(session.id));
	}
}

function branchOfLine({ id }: Session, nodeId: string | null): string | null {
	const start = branchNodeId(id, '');
	return nodeId?.startsWith(start) === true ? nodeId.slice(start.length) : null;
}

function nameOf({ name }: Session): string {
	return shownText(name, 100);
}

function named(session: Session, branch: string | null): string {
	return branch === null ? nameOf(session) : `${nameOf(session)} (${shownText(branch, 100)})`;
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
	const tip = other === null ? null : await keptTip(context, homeport, other.session, null);
	return other === null || tip === null ? null : { oid: tip.oid, name: named(other.session, tip.name) };
}
