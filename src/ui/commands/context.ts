import type { WindowHome } from '../platform/home.js';
import type { SyncMemory } from '../platform/syncMemory.js';
import type { History } from '../history/history.js';
import type { SessionsModel } from '../tree/sessionsModel.js';
import type { SessionsTree } from '../tree/sessionsTree.js';
import type { About } from '../platform/about.js';
import type { Pages } from '../pages/page.js';
import type { CommandPorts } from './registry.js';

/** What commands work on. */
export interface CommandContext {
	readonly home: WindowHome;
	readonly model: SessionsModel;
	readonly tree: SessionsTree;
	readonly history: History;
	readonly pages: Pages;
	readonly about: About;
	readonly syncMemory: SyncMemory;
	readonly ports: CommandPorts;
	/** Runs what goes on after a command has ended, a message that waits for the user; its errors are shown alike. */
	readonly detached: (work: () => Promise<void>) => Promise<void>;
}
