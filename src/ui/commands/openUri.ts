import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import { uriRequest } from '../platform/uriRequest.js';
import type { UriRequest } from '../platform/uriRequest.js';
import { sessionNodeId } from '../tree/treeNode.js';
import { openedHome } from './chooseHome.js';
import type { CommandContext } from './context.js';
import type { CommandId } from './registry.js';

/** Shows what addresses of the extension ask for, and refuses those that ask for anything else. */
export function createUriHandler(
	context: CommandContext,
	reveal: (nodeId: string) => Promise<void>,
): vscode.UriHandler {
	return {
		handleUri: ({ path, query }) => {
			const request = uriRequest(path, query);
			return context.detached(async () => (request === null ? refuse(context) : openUri(context, request, reveal)));
		},
	};
}

// For `sync` everything is asked, and nothing done by itself: everybody can make a person click.
async function openUri(
	context: CommandContext,
	{ show, session }: UriRequest,
	reveal: (nodeId: string) => Promise<void>,
): Promise<void> {
	const { model, ports } = context;
	if ((await openedHome(context)) === null) {
		return;
	}
	const isKnown = (): boolean => model.snapshot.sessions.some((view) => view.session.id === session);
	if (!isKnown()) {
		await model.refresh();
	}
	if (!isKnown()) {
		const message = vscode.l10n.t(
			'The address names the session {0}, which this home does not have.',
			shownText(session, 200),
		);
		void context.detached(async () => void (await ports.prompter.notify({ level: 'warning', message, actions: [] })));
		return;
	}
	const nodeId = sessionNodeId(session);
	await reveal(nodeId);
	if (show === 'sync') {
		await vscode.commands.executeCommand('homeport.syncWithOptions' satisfies CommandId, nodeId);
	}
}

// What the address says is not repeated.
function refuse({ ports, detached }: CommandContext): void {
	const message = vscode.l10n.t('The address asks Homeport for something that it does not do. Nothing was done.');
	void detached(async () => void (await ports.prompter.notify({ level: 'warning', message, actions: [] })));
}
