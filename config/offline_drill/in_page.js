/**
 * What one step of a drill does inside a page of the site, with the product's own modules. Evaluated by
 * browsers.py as a function of one argument; every answer is plain JSON.
 */
async (step) => {
  const from = (name) => import(`/static/js/${name}.js`);
  const later = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  /** The device of this browser, enrolled at its first use. */
  const deviceHere = async ({ user, provider, label }) => {
    const [keys, { get }] = await Promise.all([from("keys"), from("api")]);
    const { devices } = await get("session");
    const known = devices.map(({ kid }) => kid);
    return (await keys.deviceFor(user, provider, known)) ?? keys.enrol({ user, provider, label });
  };

  /** What the screen shows of a draft's amounts, judged here; nothing where the engine cannot say. */
  const shownOf = async ({ content, seen }) => {
    if (!seen) return null;
    const { estimated } = await from("offline/reference");
    const { provider, known } = seen;
    const judged = await estimated({ document: content, provider, patient: { known } });
    if (!judged) return null;
    const reasons = judged.lines.flatMap((line) => line.reasons.map(({ code }) => code));
    return { amount: judged.total_reimbursed, reasons };
  };

  const kept = async ({ user, provider, kid, kind, content, name, patient, copied, seen }) => {
    const shown = await shownOf({ content, seen });
    const [keys, outbox, numbers] = await Promise.all([
      from("keys"),
      from("offline/outbox"),
      from("numbers"),
    ]);
    const device = await keys.deviceFor(user, provider, [kid]);
    const number = content.fse_number ?? numbers.mintFseNumber(device.prefix);
    const body = await keys.signed(device, { ...content, fse_number: number });
    if (patient) body.code = await (await from("code")).makeCode(device, body.document, patient);
    const summary = { number, name, total: null };
    const entry = await outbox.keepForLater({ device, kind, body, code: copied ?? null, summary });
    return {
      envelope: entry.id,
      device: kid,
      sequence: entry.sequence,
      kind,
      document: body.document,
      code: body.code ?? null,
      shown,
    };
  };

  const deeds = {
    enrol: async (who) => {
      const device = await deviceHere(who);
      return { kid: device.kid, prefix: device.prefix };
    },
    anchor: async ({ kid }) => {
      await (await from("offline/sending")).anchorHere(kid);
      const anchor = await (await from("offline/anchor")).anchorOf(kid);
      return { at: anchor?.at ?? null };
    },
    // What a post keeps before the network goes: the signed pack, the engine, its page, what is known of patients.
    morning: async ({ patients }) => {
      const [{ loadReference }, { keepEngine }, { get }] = await Promise.all([
        from("offline/reference"),
        from("offline/engine_files"),
        from("api"),
      ]);
      // The page fetches it by itself; here one waits until it is whole.
      await keepEngine((await loadReference()).id);
      while (!(await caches.match(location.pathname, { ignoreVary: true }))) await later(50);
      const { providers } = await get("session");
      const seen = {};
      for (const patient of patients) {
        seen[patient] = { provider: providers[0], known: await get(`known-facts/${patient}`) };
      }
      return seen;
    },
    keep: kept,
    // Begun and left: the tab may be killed before it is done.
    begin: async (what) => {
      globalThis.waraqaDrill = kept(what);
      globalThis.waraqaDrill.catch(() => null);
      return {};
    },
    ended: async () => globalThis.waraqaDrill,
    drain: async () => {
      const { drain } = await from("offline/sending");
      const { unsent } = await from("offline/outbox");
      try {
        await drain({ byHand: true });
      } catch (error) {
        if (error.isFinal === undefined) throw error;
        return { waiting: (await unsent()).length, told: error.code || error.message };
      }
      return { waiting: (await unsent()).length, told: null };
    },
    // Begun and left: what is pulled away next meets a sending under way.
    send: async () => {
      const { drain } = await from("offline/sending");
      drain({ byHand: true }).catch(() => null);
      return {};
    },
    outcomes: async () => {
      const { askOutcomes, entries } = await from("offline/outbox");
      await askOutcomes();
      return (await entries()).map(({ id, state, code }) => ({ id, state, code: code ?? null }));
    },
    entries: async () => {
      const { entries } = await from("offline/outbox");
      return (await entries()).map(({ id, state, code }) => ({ id, state, code: code ?? null }));
    },
    update: async () => {
      const registration = await navigator.serviceWorker?.getRegistration();
      await registration?.update();
      return { found: Boolean(registration) };
    },
  };
  const tooLong = new Promise((_resolve, reject) => {
    setTimeout(() => reject(new Error(`${step.deed} took too long`)), step.patience);
  });
  return Promise.race([deeds[step.deed](step), tooLong]);
}
