import type * as core from '../../core/homeport.js';

/** What the extension uses of the core. */
export type Core = Pick<typeof core, 'openHome'>;

/** Loads the core, which is a file of its own beside the extension's, when it is first needed. */
export function loadCore(): Core {
	return require('./core.js') as Core;
}
