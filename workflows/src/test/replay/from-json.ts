/** Histories as JSON for the Node worker. */
import { createRequire } from 'node:module';
import * as proto from '@temporalio/proto';
import { patchProtobufRoot } from '@temporalio/proto/lib/patch-protobuf-root';

type History = proto.temporal.api.history.v1.IHistory;

interface ProtoJson {
  fromJson(type: unknown, json: unknown, options: { ignoreUnknownFields: boolean }): History;
}

// The SDK's `historyFromJSON` wants `@temporalio/common` and `@temporalio/proto` to share one copy of protobufjs. The
// older SDKs among the packages have npm install one for each, so that it takes the types of the other for no types.
const { fromJson } = createRequire(require.resolve('@temporalio/proto'))('protobufjs/ext/protojson') as ProtoJson;
const root = patchProtobufRoot(proto as unknown as Record<string, unknown>) as { lookupType?(name: string): unknown };
const historyType = root.lookupType?.('temporal.api.history.v1.History');

/** What `temporal workflow show --output json` exports, as the message that it stands for. */
export function historyFromJson(json: unknown): History {
  return fromJson(historyType, json, { ignoreUnknownFields: true });
}
