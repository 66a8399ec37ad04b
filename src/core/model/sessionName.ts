/** What names of registered sessions and of their agents look like: they become parts of ids and of branch names. */
export const sessionNameFormat = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** A name of that form that is close to a text, such as a folder's name; empty where nothing of it can stay. */
export function asSessionName(text: string): string {
	return text
		.replaceAll(/[^A-Za-z0-9._-]+/g, '-')
		.replace(/^[._-]+/, '')
		.slice(0, 63)
		.replace(/-+$/, '');
}
