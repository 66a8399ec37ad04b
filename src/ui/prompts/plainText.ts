/** The text with nothing in it that a quick pick or the status bar would draw as an icon, such as `$(name)`. */
export function withoutIcons(text: string): string {
	return text.replaceAll('$(', '\\$(');
}

/** The text with nothing in it that a notification would draw as a link, such as `[text](command:name)`. */
export function withoutLinks(text: string): string {
	return text.replaceAll('](', '] (');
}
