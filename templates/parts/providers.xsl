<?xml version="1.0" encoding="UTF-8"?>
<!-- Providers on the security settings: what is known, and the rotation. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:include href="provider.xsl"/>
<xsl:template match="security/providers">
<section aria-labelledby="providers-heading">
<h2 id="providers-heading">Providers</h2>
<xsl:call-template name="precedence"/>
<xsl:apply-templates select="error" mode="section"/>
<div class="table-frame">
<table id="settings-security-providers" class="stacked">
<thead><tr><th scope="col">Provider</th><th scope="col">Status</th><th scope="col">Source</th><th scope="col">Verified</th><th scope="col">Checked</th><th scope="col">Error</th><xsl:if test="@may-write='yes'"><th scope="col">Check</th></xsl:if></tr></thead>
<tbody><xsl:apply-templates select="provider"/></tbody>
</table>
</div>
<xsl:apply-templates select="provider/going-on" mode="cancel"/>
</section>
</xsl:template>

<xsl:template match="provider">
<tr id="settings-security-provider-{@name}">
<th scope="row" data-label="Provider"><span><xsl:value-of select="@title"/></span></th>
<td data-label="Status"><span id="settings-security-provider-status-{@name}"><xsl:apply-templates select="." mode="status"/></span><xsl:apply-templates select="." mode="former"/></td>
<td data-label="Source" class="provider-source"><div id="settings-security-provider-source-{@name}"><xsl:apply-templates select="source"/></div></td>
<td data-label="Verified"><span id="settings-security-provider-verified-at-{@name}"><xsl:apply-templates select="." mode="verified"/></span></td>
<td data-label="Checked"><span><span id="settings-security-provider-checked-at-{@name}"><xsl:apply-templates select="." mode="checked"/></span><span class="fine next-check">Next: <span id="settings-security-provider-due-at-{@name}"><xsl:apply-templates select="." mode="due"/></span></span></span></td>
<td data-label="Error" class="long"><span><span id="settings-security-provider-error-type-{@name}"><xsl:apply-templates select="." mode="error-type"/></span></span></td>
<xsl:if test="../@may-write='yes'"><td data-label="Check">
<form id="settings-security-provider-check-{@name}" method="post" action="/settings/security/providers/{@name}/check">
<input type="hidden" name="_csrf" value="{../@csrf}"/>
<button type="submit" class="quiet">Check<span class="visually-hidden"><xsl:text> </xsl:text><xsl:value-of select="@title"/></span></button>
</form></td></xsl:if>
</tr>
</xsl:template>
<xsl:template match="provider" mode="former"/>
<xsl:template match="provider[@former-title]" mode="former"><span class="fine former" id="settings-security-provider-transition-{@name}"><xsl:apply-templates select="." mode="transition"/></span></xsl:template>

<xsl:template match="going-on" mode="cancel">
<xsl:apply-templates select="."/>
<xsl:if test="../../@may-write='yes'">
<form id="settings-security-provider-rotation-cancel-{../@name}" class="panel" method="post" action="/settings/security/providers/{../@name}/rotation/cancel">
<input type="hidden" name="_csrf" value="{../../@csrf}"/>
<p>Cancelling ends the rotation of <xsl:value-of select="../@title"/> now. <xsl:apply-templates select="." mode="consequence"/></p>
<p class="field"><label class="box" for="security-provider-rotation-cancel-confirm-{../@name}"><input id="security-provider-rotation-cancel-confirm-{../@name}" name="confirm" type="checkbox" value="yes" required="required"/><span>Cancel this rotation</span></label></p>
<p class="actions"><button type="submit" class="danger">Cancel rotation</button></p>
</form>
</xsl:if>
</xsl:template>
<xsl:template match="going-on" mode="consequence">Version <xsl:value-of select="@from-version"/> is made active again and asked about; the new version’s number is not used again.</xsl:template>
<xsl:template match="going-on[@state='prechecked']" mode="consequence">Nothing was stored yet, so nothing is changed.</xsl:template>

<xsl:template match="rotation-form">
<section aria-labelledby="rotation-heading" id="settings-security-provider-rotation">
<h2 id="rotation-heading">Rotate a provider’s credential</h2>
<xsl:apply-templates select="error" mode="section"/>
<xsl:apply-templates select="results"/>
<xsl:if test="@may-write='yes'"><xsl:apply-templates select="." mode="form"/></xsl:if>
</section>
</xsl:template>

<xsl:template match="rotation-form" mode="form">
<form id="settings-security-provider-rotation-form" class="panel grid" method="post" action="/settings/security/providers/rotate">
<input type="hidden" name="_csrf" value="{@csrf}"/>
<p class="field"><label for="security-provider-rotation-provider">Provider</label>
<select id="security-provider-rotation-provider" name="security_provider_rotation[provider]"><xsl:apply-templates select="choice"/></select>
<span class="hint">One whose credential is stored here. The environment’s value cannot be rotated here: it would win over the new one.</span></p>
<p class="field"><label for="security-provider-rotation-value">New credential</label>
<textarea id="security-provider-rotation-value" class="concealed" name="security_provider_rotation[value]" rows="3" autocomplete="off" spellcheck="false" autocapitalize="none" required="required"><xsl:apply-templates select="." mode="invalid"><xsl:with-param name="field">value</xsl:with-param></xsl:apply-templates></textarea>
<span class="hint" id="security-provider-rotation-value-hint">Never shown again.</span></p>
<p class="wide">The current credential is checked; the new one is stored and the reference switched to it in one step; then the new one is checked. Until it passed, runs that begin still get the former version, and if it does not pass the former one is active again.</p>
<p class="field wide"><label class="box" for="security-provider-rotation-confirm"><input id="security-provider-rotation-confirm" name="confirm" type="checkbox" value="yes"><xsl:apply-templates select="." mode="invalid"><xsl:with-param name="field">confirm</xsl:with-param></xsl:apply-templates></input><span>Rotate although the current credential does not pass its check</span></label></p>
<p class="actions"><button type="submit">Rotate credential</button></p>
</form>
</xsl:template>
<xsl:template match="rotation-form" mode="invalid">
<xsl:param name="field"/>
<xsl:if test="results/error/@field = $field"><xsl:attribute name="aria-invalid">true</xsl:attribute><xsl:attribute name="aria-describedby">settings-security-provider-rotation-error</xsl:attribute></xsl:if>
</xsl:template>
<xsl:template match="choice"><option value="{@name}"><xsl:if test="@chosen='yes'"><xsl:attribute name="selected">selected</xsl:attribute></xsl:if><xsl:value-of select="@title"/></option></xsl:template>

<xsl:template match="results">
<div class="panel results" id="settings-security-provider-rotation-results">
<h3><xsl:apply-templates select="." mode="heading"/></h3>
<xsl:apply-templates select="@state"/>
<dl class="facts">
<div><dt>Check before</dt><dd><span id="settings-security-provider-rotation-before-status"><xsl:value-of select="@before"/></span><xsl:apply-templates select="@before-class"/></dd></div>
<div><dt>Check after</dt><dd><span id="settings-security-provider-rotation-after-status"><xsl:value-of select="@after"/></span><xsl:apply-templates select="@after-class"/></dd></div>
<div><dt>Rolled back</dt><dd id="settings-security-provider-rotation-rollback-status"><xsl:apply-templates select="@rolled-back"/></dd></div>
<div><dt>Continuity alarm</dt><dd id="settings-security-provider-rotation-continuity-alarm"><xsl:apply-templates select="@alarm"/></dd></div>
<xsl:if test="not(error)"><div><dt>Error type</dt><dd id="settings-security-provider-rotation-error-type">None</dd></div></xsl:if>
</dl>
<xsl:apply-templates select="error" mode="form"><xsl:with-param name="prefix">settings-security-provider-rotation</xsl:with-param><xsl:with-param name="heading">h4</xsl:with-param></xsl:apply-templates>
</div>
</xsl:template>
<xsl:template match="results" mode="heading">Nothing was rotated yet</xsl:template>
<xsl:template match="results[error and not(@state)]" mode="heading">This rotation was refused<xsl:apply-templates select="@title"/></xsl:template>
<xsl:template match="results[@state]" mode="heading">Latest rotation<xsl:apply-templates select="@title"/></xsl:template>
<xsl:template match="results/@title"><xsl:text>: </xsl:text><xsl:value-of select="."/></xsl:template>
<xsl:template match="results/@state"><p id="settings-security-provider-rotation-state">Version <xsl:value-of select="../@from-version"/><xsl:apply-templates select="../@to-version"/>, begun <time datetime="{../@started-at}"><xsl:value-of select="../@started-at-text"/></time>: <strong><xsl:value-of select="translate(., '_', ' ')"/></strong>. <xsl:value-of select="../@meaning"/><xsl:apply-templates select="../@open[.='yes']"/></p></xsl:template>
<xsl:template match="results/@to-version"><xsl:text> to </xsl:text><xsl:value-of select="."/></xsl:template>
<xsl:template match="results/@open"> It goes on by itself: load this page again to see how it ended.</xsl:template>
<xsl:template match="results[@stuck='yes']/@open" priority="2"> It is stuck: no worker goes on with it.</xsl:template>
<xsl:template match="@before-class|@after-class"><xsl:text> (</xsl:text><xsl:call-template name="class"><xsl:with-param name="of" select="."/></xsl:call-template><xsl:text>)</xsl:text></xsl:template>
<xsl:template match="@rolled-back[.='yes']|@alarm[.='yes']">Yes</xsl:template>
<xsl:template match="@rolled-back|@alarm">No</xsl:template>
</xsl:stylesheet>
