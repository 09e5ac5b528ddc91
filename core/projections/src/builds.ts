import type { Projection } from './projection.ts';
import { ViewGone, viewName, viewNameOf, type Build, type View, type ViewStore } from './view-store.ts';

/** A projection's builds as this code can use them. */
export interface Opened {
  /** Read from; its version may be another than this code's, and then it stands still. */
  readonly live: Build;
  /** To be kept up, where it is of this code's version. */
  readonly followed: View | undefined;
  /** To be brought level, and switched to. */
  readonly building: View | undefined;
}

/** What there is of this projection; made where there is nothing, or nothing of this version. */
export function openBuilds(store: ViewStore, projection: Projection): Promise<Opened> {
  return store.transaction(async (trx) => {
    const { name, version } = projection;
    const all = (await trx.builds()).filter((build) => build.name === name);
    for (const other of all.filter((build) => !build.live && build.version !== version))
      await trx.drop(other);
    let live = all.find((build) => build.live);
    if (live === undefined) {
      live = { name, version, build: 1, live: true };
      await trx.make({ projection, build: 1 }, true);
    }
    const followed = live.version === version ? { projection, build: live.build } : undefined;
    const begun = all.find((build) => !build.live && build.version === version);
    if (begun !== undefined) return { live, followed, building: { projection, build: begun.build } };
    if (followed !== undefined) return { live, followed, building: undefined };
    const building = { projection, build: 1 };
    await trx.make(building, false);
    return { live, followed, building };
  });
}

/** One more beside those that are there; the one that is being built, where there is one. */
export function startBuild(store: ViewStore, projection: Projection): Promise<View> {
  return store.transaction(async (trx) => {
    const { name, version } = projection;
    const all = (await trx.builds()).filter((build) => build.name === name && build.version === version);
    const begun = all.find((build) => !build.live);
    if (begun !== undefined) return { projection, build: begun.build };
    const building = { projection, build: Math.max(0, ...all.map((one) => one.build)) + 1 };
    await trx.make(building, false);
    return building;
  });
}

/**
 * From one moment to the next everybody reads from this one; what it replaces is gone.
 *
 * @throws ViewGone where somebody else has replaced this one too.
 */
export function switchTo(store: ViewStore, view: View): Promise<void> {
  return store.transaction(async (trx) => {
    const all = (await trx.builds()).filter((build) => build.name === view.projection.name);
    if (!all.some((build) => viewNameOf(build) === viewName(view)))
      throw new ViewGone(`${viewName(view)} is not there any more`);
    for (const old of all) if (old.live && viewNameOf(old) !== viewName(view)) await trx.drop(old);
    await trx.setLive(view);
  });
}
