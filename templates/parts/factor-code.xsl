<?xml version="1.0" encoding="UTF-8"?>
<!-- The form that confirms a second factor. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template name="factor-code">
<xsl:param name="csrf"/>
<form id="account-factor-confirm-form" class="panel" method="post" action="/settings/account/second-factor/confirm">
<input type="hidden" name="_csrf" value="{$csrf}"/>
<p class="field"><label for="account-code">Code</label>
<input id="account-code" name="account[code]" type="text" inputmode="numeric" autocomplete="one-time-code" maxlength="6" required="required" aria-describedby="account-code-hint"/>
<span class="hint" id="account-code-hint">The six digits that the authenticator shows now.</span></p>
<p><button type="submit">Confirm</button></p>
</form>
</xsl:template>
</xsl:stylesheet>
