/** The payload converter of the bundle `protobuf`. */
import { DefaultPayloadConverterWithProtobufs } from '@temporalio/common/lib/protobufs';
import { root } from './protobuf-messages';

export const payloadConverter = new DefaultPayloadConverterWithProtobufs({ protobufRoot: root });
