/*
 * The live part of a run's page: what was masked before it was stored comes as
 * Server-Sent Events and is shown as text, never as markup. fetch(2) and not
 * EventSource, which hears only types that it was told of. Without this script
 * the page is the same as of when it was made.
 */
(function () {
	'use strict';

	var ROWS = 400;			/* Of events; older ones make room. */
	var SHOWN = 2048;		/* Characters of a payload. */
	var OUTPUT = 65536;		/* Characters of a stream. */
	var LIVE = 'Live: what follows appears by itself.';
	var section = document.getElementById('run-events');
	var rows = document.getElementById('run-event-rows');
	var live = document.getElementById('run-live');
	var after = section ? Number(section.dataset.after) : 0;
	var pause = 1000;

	function element(name, text, kind) {
		var e = document.createElement(name);

		if (text !== undefined)
			e.textContent = text;
		if (kind)
			e.className = kind;
		return e;
	}

	function cell(label) {
		var td = element('td');

		td.dataset.label = label;
		return td;
	}

	function say(text, lost) {
		live.textContent = text;
		live.classList.toggle('lost', !!lost);
	}

	/* "24 Nov 2026, 05:30:41 UTC", as on the page itself. */
	function people(time) {
		var months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul',
			'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
		var d = new Date(time);

		return isNaN(d) ? time : d.getUTCDate() + ' ' +
			months[d.getUTCMonth()] + ' ' + d.getUTCFullYear() +
			', ' + d.toISOString().slice(11, 19) + ' UTC';
	}

	function addRow(e) {
		var tr = element('tr');
		var when = cell('When');
		var type = cell('Type');
		var payload = cell('Payload');
		var masked = cell('Masked');
		var text = JSON.stringify(e.payload);
		var time = element('time', people(e.occurred_at));

		if (document.getElementById('run-event-' + e.seq))
			return;
		tr.id = 'run-event-' + e.seq;
		tr.appendChild(cell('No.')).textContent = String(e.seq);
		time.dateTime = e.occurred_at;
		when.appendChild(time);
		type.appendChild(element('strong', e.type));
		[e.step, e.stream].forEach(function (more) {
			if (more) {
				type.appendChild(element('br'));
				type.appendChild(element('span', more, 'fine'));
			}
		});
		payload.className = 'long';
		payload.appendChild(element('code', text.length > SHOWN ?
			text.slice(0, SHOWN) + '…' : text, 'payload'));
		masked.textContent = e.masked === undefined ? '' :
			String(e.masked);
		[when, type, payload, masked].forEach(function (td) {
			tr.appendChild(td);
		});
		rows.insertBefore(tr, rows.firstChild);
		while (rows.children.length > ROWS)
			rows.removeChild(rows.lastChild);
	}

	/*
	 * Nothing is left out that parts what the gate saw apart: an escape
	 * sequence in the middle of a secret hides it there, so it is shown.
	 */
	function plain(text) {
		return text.replace(/\u001b/g, '\u241b')
			.replace(/[^\n]*\r(?!\n)/g, '').replace(/\r\n/g, '\n');
	}

	function outputOf(stream) {
		var all = document.querySelectorAll('#run-output pre');
		var empty = document.getElementById('run-output-empty');
		var section, pre, i;

		for (i = 0; i < all.length; i++) {
			if (all[i].dataset.stream === stream)
				return all[i];
		}
		section = document.getElementById('run-output');
		if (empty)
			empty.remove();
		section.appendChild(element('h3', stream));
		pre = element('pre', '', 'terminal');
		pre.dataset.stream = stream;
		pre.tabIndex = 0;
		return section.appendChild(pre);
	}

	function addOutput(stream, chunk) {
		var pre = outputOf(stream);
		var atEnd = pre.scrollTop + pre.clientHeight >=
			pre.scrollHeight - 4;
		var text = plain(pre.textContent + chunk);

		pre.textContent = text.length > OUTPUT ?
			text.slice(-OUTPUT) : text;
		if (atEnd)
			pre.scrollTop = pre.scrollHeight;
	}

	function addStep(e) {
		var list = document.getElementById('run-steps');
		var empty = document.getElementById('run-steps-empty');
		var state = { step_started: 'running', step_failed: 'failed',
			step_completed: 'completed' }[e.type];
		var li = null, i;

		if (!state || !e.step)
			return;
		for (i = 0; i < list.children.length; i++) {
			if (list.children[i].dataset.step === e.step)
				li = list.children[i];
		}
		if (empty)
			empty.remove();
		if (!li) {
			li = list.appendChild(element('li'));
			li.dataset.step = e.step;
			li.appendChild(element('span', e.step, 'step-name'));
			li.appendChild(element('span', '', 'status'));
			li.appendChild(element('span', '', 'step-took'));
		}
		if (state === 'running')
			li.dataset.since = e.occurred_at;
		else if (li.dataset.since)
			li.querySelector('.step-took').textContent =
				((Date.parse(e.occurred_at) -
				Date.parse(li.dataset.since)) / 1000)
				.toFixed(2) + ' s';
		li.className = 'step ' + state;
		li.querySelector('.status').textContent = state;
		li.querySelector('.status').className = 'status run-' + state;
	}

	function addStatus(type) {
		var to = { run_started: 'running', run_completed: 'completed',
			run_failed: 'failed', run_cancelled: 'cancelled',
			approval_requested: 'awaiting_approval',
			approval_granted: 'running' }[type];
		var e;

		if (!to)
			return;
		e = document.querySelector('#run-status .status');
		e.textContent = to.replace('_', ' ');
		e.className = 'status run-' + to;
	}

	function take(e) {
		var empty = document.getElementById('run-events-empty');

		if (!(e.seq > after))
			return;
		after = e.seq;
		if (empty)
			empty.remove();
		addRow(e);
		addStep(e);
		addStatus(e.type);
		if (e.stream && e.payload &&
		    typeof e.payload.chunk === 'string')
			addOutput(e.stream, e.payload.chunk);
	}

	/* One block of the stream; true: nothing follows. */
	function block(text) {
		var type = 'message', data = [];

		text.split('\n').forEach(function (line) {
			if (line.indexOf('event:') === 0)
				type = line.slice(6).trim();
			else if (line.indexOf('data:') === 0)
				data.push(line.slice(5).replace(/^ /, ''));
		});
		if (type === 'end')
			return true;
		if (type === 'error')
			say('The server cannot show what follows for now.',
				true);
		else if (type === 'resumed')
			say(LIVE);
		else if (data.length > 0)
			take(JSON.parse(data.join('\n')));
		return false;
	}

	function ended() {
		say('The run has ended; nothing follows.');
	}

	function read(reader, decoder, rest) {
		return reader.read().then(function (piece) {
			var at, over = false;

			if (piece.done)
				return false;
			rest += decoder.decode(piece.value, { stream: true });
			rest = rest.replace(/\r\n/g, '\n');
			while (!over && (at = rest.indexOf('\n\n')) >= 0) {
				over = block(rest.slice(0, at));
				rest = rest.slice(at + 2);
			}
			return over || read(reader, decoder, rest);
		});
	}

	function again() {
		setTimeout(listen, pause);
		pause = Math.min(pause * 2, 30000);
	}

	function listen() {
		fetch(section.dataset.events + '?after=' + after, {
			headers: { Accept: 'text/event-stream' },
			credentials: 'same-origin', cache: 'no-store'
		}).then(function (answer) {
			if (answer.status === 204)
				return true;
			if (answer.status === 401 || answer.status === 403) {
				say('Your session has ended. Sign in again.',
					true);
				return null;
			}
			if (!answer.ok || !answer.body)
				throw new Error('not now');
			say(LIVE);
			pause = 1000;
			return read(answer.body.getReader(),
				new TextDecoder(), '');
		}).then(function (over) {
			if (over === true)
				ended();
			else if (over === false)
				again();
		}).catch(function () {
			say('The connection was lost; trying again.', true);
			again();
		});
	}

	if (section && window.fetch && window.TextDecoder &&
	    section.dataset.ended !== 'yes')
		listen();
}());
