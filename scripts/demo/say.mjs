const codes = { heading: '1;36', command: '1', faint: '2', good: '32', bad: '31' };
const escape = String.fromCharCode(27);
const styled = new RegExp(`${escape}\\[[0-9;]*m`, 'g');

/**
 * Writes the demo's account to a stream: headings, sentences, commands and their output. Colours only where a terminal
 * reads it and `NO_COLOR` is empty.
 */
export function createSay(stream, env) {
	const coloured = stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
	const width = Math.min(Math.max(stream.columns || 120, 40), 120);
	const style = (tone, text) => (coloured ? `${escape}[${codes[tone]}m${text}${escape}[0m` : text);
	const line = (text = '') => stream.write(`${text}\n`);
	let steps = 0;
	return {
		coloured,
		style,
		line,
		/** One step: its number, its name, and one sentence of what happens in it. */
		step(title, sentence) {
			steps += 1;
			line();
			line(style('heading', `${steps}. ${title}`));
			wrapped(sentence, width - 3, '').forEach((text) => line(`   ${text}`));
		},
		command(text) {
			line();
			line(`   ${style('faint', '$')} ${style('command', text)}`);
		},
		output(text) {
			for (const shown of text.replace(/\n+$/, '').split('\n')) {
				wrapped(shown, width - 5, '      ').forEach((part) => line(`     ${part}`.trimEnd()));
			}
		},
	};
}

function wrapped(text, width, hanging) {
	const lines = [];
	let rest = text;
	while (rest.replaceAll(styled, '').length > width) {
		const end = breakBefore(rest, width);
		if (end <= 0) {
			break;
		}
		lines.push(rest.slice(0, end));
		rest = hanging + rest.slice(end + 1);
	}
	return [...lines, rest];
}

// The last space within the width, escape sequences not counted; -1 where nothing but indentation stands before it.
function breakBefore(text, width) {
	let shown = 0;
	let found = -1;
	let hasText = false;
	for (let at = 0; at < text.length && shown <= width; at += 1) {
		const sequence = text[at] === escape ? text.slice(at).match(styled)?.[0] : undefined;
		if (sequence !== undefined) {
			at += sequence.length - 1;
			continue;
		}
		if (text[at] === ' ') {
			found = hasText ? at : found;
		} else {
			hasText = true;
		}
		shown += 1;
	}
	return found;
}
